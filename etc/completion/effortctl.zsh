#compdef effortctl
# SPDX-License-Identifier: MPL-2.0
# Completion of effortctl for zsh; installed as site-functions/_effortctl.
local -a common commands
common=('--run-dir[folder of control.sock]:folder:_files -/' '--json[JSON on standard output]'
	'--lang[language]:language:(da en)' '--help[help of the command]')
commands=('status:is effortd well' 'shares:self-service shares' 'targets:how the targets stand' 'measures:what the shares do not say' 'send:send events' 'validate:check files of events'
	'explain:what a code means' 'reload:read the configuration again' 'plugins:service areas and plugins'
	'sources:sending systems' 'journal:what is kept on disk' 'redis:does Redis hold what was counted' 'dlq:refused events that are kept'
	'efforts:what was done to move the shares'
	'import:send the rows of tables' 'export:the standard report of a period' 'compare:municipalities beside each other' 'help:help')

_effortctl_words() {
	case $words[1] in
	shares) _arguments $common '--window[period]:period:(day week month quarter season year)' '--label[certain period]:label:' \
		'--compare[change against earlier periods]' '--explain[who entered the share]' '--watch[every so many seconds]:seconds:' '--times[rounds]:n:' '1:municipality:' ;;
	measures) _arguments $common '--municipality[code or name]:municipality:' \
		'--window[period]:period:(day week month quarter season year)' '--label[certain period]:label:' \
		'--by[names]:names:(unit portal handled_by source)' '1:municipality:' ;;
	targets) _arguments $common '--municipality[code or name]:municipality:' '--explain[one target in words]:id:' '1:municipality:' ;;
	validate) _arguments $common '-c[configuration]:file:_files' '--form-only[no configuration]' '*:file:_files' ;;
	send) _arguments $common '--to[address]:address:' '--dry-run[print the event only]' '--exempt' \
		'--acks[have each line confirmed]' '--spool[keep lines until confirmed]:folder:_files -/' \
		'--timeout[without a confirmation]:seconds:' \
		'--channel[channel]:channel:(selfservice digitalpost email letter phone counter video sms chat social web system other)' \
		--{id,source,time,municipality,kle,task,service,kind,direction,population,assisted,outcome,form,reason,unit,handled-by,portal,duration,count,errand,corrects,meter,reading,level}':value:' \
		'*:file:_files' ;;
	explain) _arguments $common "1:code:(${(f)$(effortctl explain 2>/dev/null | sed -n 's/^\(E_[A-Z0-9_]*\).*/\1/p')})" ;;
	journal) _arguments $common '--state-dir[folder of the journal]:folder:_files -/' '-c[configuration]:file:_files' \
		'--segment[one segment only]:number:' '--limit[records at most]:number:' '--totals[a day or a month]:day:' \
		'--write[repair for real]' '1:action:(info verify dump repair)' ;;
	redis) _arguments $common '--municipality[code or name]:municipality:' '--period[certain period]:label:' \
		'--wait[for the end]:seconds:' '--all[everything]' '--yes[that is meant]' '--without-others[even what those that do not run have a part in]' '1:action:(check audit rebuild)' ;;
	dlq) _arguments $common '--code[those with this code]:code:(${(f)$(effortctl explain 2>/dev/null | sed -n 's/^\(E_[A-Z0-9_]*\).*/\1/p')})' \
		'--source[those of this source]:source:' '--limit[the latest]:number:' '--to[address]:address:' \
		'--dry-run[print the events only]' '--state-dir[folder of the files]:folder:_files -/' \
		'-c[configuration]:file:_files' '1:action:(list show replay)' ;;
	efforts) _arguments $common '--municipality[code or name]:municipality:' '--area[id]:area:' '--file[file of efforts]:file:_files' \
		'-c[configuration]:file:_files' '--on[last day]:day:' '--state-dir[folder of the registry]:folder:_files -/' \
		--{id,title,category,scope,channel,unit,from,to,measure,target,due,status}':value:' \
		'1:action:(list show report add stop remove)' '*:file:_files' ;;
	import) _arguments $common '--map[column map]:file:_files' '--dry-run[send nothing]' '--rejects[refused rows]:file:_files' \
		'--batch[tells files apart]:name:' '--encoding[of the file]:encoding:(auto utf-8 windows-1252)' \
		'--to[address]:address:' '--timeout[without a confirmation]:seconds:' '-c[configuration]:file:_files' '*:file:_files' ;;
	export) _arguments $common '--label[certain period]:label:' '--window[period]:period:(day week month quarter season year)' \
		'--format[of the report]:format:(text csv json html)' '--output[instead of standard output]:file:_files' \
		'--suppress[smaller numbers are not shown]:n:' '--refused[with what was refused]' '--now[with how targets and efforts stand]' '--all[every municipality]' \
		'*:municipality:' ;;
	compare) _arguments $common '--label[certain period]:label:' '--window[period]:period:(day week month quarter season year)' \
		'--scope[what is compared]:scope:' '--with[only these]:municipalities:' '--group[peers]:group:' \
		'--equal-tasks[only tasks of all]' '--measure[share]:measure:(selfservice selfservice_incl_assisted digital)' \
		'--suppress[smaller numbers are not shown]:n:' '1:municipality:' ;;
	help) _describe command commands ;;
	*) _arguments $common ;;
	esac
}

_arguments -C $common '--version[version]' '1:command:->command' '*::argument:_effortctl_words'
[[ $state == command ]] && _describe command commands
