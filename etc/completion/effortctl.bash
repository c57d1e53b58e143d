# SPDX-License-Identifier: MPL-2.0
# Completion of effortctl for bash; installed as bash-completion/completions/effortctl.
_effortctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word command= options
	local commands="status shares targets measures send validate explain reload plugins sources journal redis dlq import export compare efforts help"

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case " $commands " in *" $word "*) command=$word; break ;; esac
	done
	case $prev in
	--run-dir | --state-dir | --spool) COMPREPLY=($(compgen -d -- "$cur")); return ;;
	--lang) COMPREPLY=($(compgen -W "da en" -- "$cur")); return ;;
	--by) COMPREPLY=($(compgen -W "unit portal handled_by source" -- "$cur")); return ;;
	--window) COMPREPLY=($(compgen -W "day week month quarter season year" -- "$cur")); return ;;
	--channel) COMPREPLY=($(compgen -W "selfservice digitalpost email letter phone counter video sms chat social web system other" -- "$cur")); return ;;
	--code) COMPREPLY=($(compgen -W "$(effortctl explain 2>/dev/null | sed -n 's/^\(E_[A-Z0-9_]*\).*/\1/p')" -- "$cur")); return ;;
	-c | --file | --map | --rejects | --output) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	--format) [[ $command == export ]] && { COMPREPLY=($(compgen -W "text csv json html" -- "$cur")); return; } ;;
	--encoding) COMPREPLY=($(compgen -W "auto utf-8 windows-1252" -- "$cur")); return ;;
	--measure) [[ $command == compare ]] && { COMPREPLY=($(compgen -W "selfservice selfservice_incl_assisted digital" -- "$cur")); return; } ;;
	esac
	options="--run-dir --json --lang --help"
	case $command in
	"") COMPREPLY=($(compgen -W "$commands $options --version" -- "$cur")); return ;;
	measures) options="$options --municipality --window --label --by" ;;
	targets) options="$options --municipality --explain" ;;
	shares) options="$options --window --label --compare --explain --watch --times" ;;
	validate) options="$options -c --form-only" ;;
	journal) options="$options --state-dir -c --segment --limit --totals --write" ;;
	redis) options="$options --municipality --period --wait --all --yes --without-others" ;;
	import) options="$options --map --dry-run --rejects --batch --encoding --to --timeout -c" ;;
	export) options="$options --label --window --format --output --suppress --refused --now --all" ;;
	compare) options="$options --label --window --scope --with --group --equal-tasks --measure --suppress" ;;
	dlq) options="$options --code --source --limit --to --dry-run --state-dir -c" ;;
	efforts) options="$options --municipality --area --file -c --on --state-dir --id --title --category --scope --channel --unit --from --to --measure --target --due --status" ;;
	send) options="$options --to --dry-run --acks --spool --timeout --id --source --time --municipality --channel --kle --task --service --kind --direction --population --assisted --exempt --outcome --form --reason --unit --handled-by --portal --duration --count --errand --corrects --meter --reading --level" ;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$cur"))
		return
	fi
	case $command in
	explain) COMPREPLY=($(compgen -W "$(effortctl explain 2>/dev/null | sed -n 's/^\(E_[A-Z0-9_]*\).*/\1/p')" -- "$cur")) ;;
	journal) COMPREPLY=($(compgen -W "info verify dump repair" -- "$cur")) ;;
	redis) COMPREPLY=($(compgen -W "check audit rebuild" -- "$cur")) ;;
	dlq) COMPREPLY=($(compgen -W "list show replay" -- "$cur")) ;;
	efforts) COMPREPLY=($(compgen -W "list show report add stop remove" -- "$cur") $(compgen -f -- "$cur")) ;;
	help) COMPREPLY=($(compgen -W "$commands" -- "$cur")) ;;
	send | validate | import) COMPREPLY=($(compgen -f -- "$cur")) ;;
	esac
}
complete -o filenames -F _effortctl effortctl
