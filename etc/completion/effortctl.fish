# SPDX-License-Identifier: MPL-2.0
# Completion of effortctl for fish; installed as vendor_completions.d/effortctl.fish.
set -l commands status shares send validate explain reload plugins sources help
complete -c effortctl -n "not __fish_seen_subcommand_from $commands" -f -a "$commands"
complete -c effortctl -l run-dir -x -a "(__fish_complete_directories)" -d "folder of control.sock"
complete -c effortctl -l json -d "JSON on standard output"
complete -c effortctl -l lang -x -a "da en" -d "language"
complete -c effortctl -l help -s h -d "help of the command"
complete -c effortctl -n "not __fish_seen_subcommand_from $commands" -l version -d version
complete -c effortctl -n "__fish_seen_subcommand_from status shares explain reload plugins sources help" -f
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l window -x -a "day week month quarter season year"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l label -x -d "certain period"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l watch -x -d "every so many seconds"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l times -x -d "rounds"
complete -c effortctl -n "__fish_seen_subcommand_from validate" -s c -r -d "configuration"
complete -c effortctl -n "__fish_seen_subcommand_from validate" -l form-only -d "no configuration"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l to -x -d "address"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l dry-run -d "print the event only"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l exempt
complete -c effortctl -n "__fish_seen_subcommand_from send" -l channel -x \
	-a "selfservice digitalpost email letter phone counter video sms chat social web system other"
for field in id source time municipality kle task service kind direction population assisted outcome form reason unit \
		handled-by portal duration count errand
	complete -c effortctl -n "__fish_seen_subcommand_from send" -l $field -x
end
complete -c effortctl -n "__fish_seen_subcommand_from explain" -f \
	-a "(effortctl explain 2>/dev/null | string match -r '^E_[A-Z0-9_]+')"
complete -c effortctl -n "__fish_seen_subcommand_from help" -a "$commands"
