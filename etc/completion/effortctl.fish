# SPDX-License-Identifier: MPL-2.0
# Completion of effortctl for fish; installed as vendor_completions.d/effortctl.fish.
set -l commands status shares targets measures send validate explain reload plugins sources journal redis dlq import export compare efforts help
complete -c effortctl -n "not __fish_seen_subcommand_from $commands" -f -a "$commands"
complete -c effortctl -l run-dir -x -a "(__fish_complete_directories)" -d "folder of control.sock"
complete -c effortctl -l json -d "JSON on standard output"
complete -c effortctl -l lang -x -a "da en" -d "language"
complete -c effortctl -l help -s h -d "help of the command"
complete -c effortctl -n "not __fish_seen_subcommand_from $commands" -l version -d version
complete -c effortctl -n "__fish_seen_subcommand_from status shares explain reload plugins sources help" -f
complete -c effortctl -n "__fish_seen_subcommand_from targets" -f
complete -c effortctl -n "__fish_seen_subcommand_from targets" -l municipality -x -d "code or name"
complete -c effortctl -n "__fish_seen_subcommand_from measures" -f
complete -c effortctl -n "__fish_seen_subcommand_from measures" -l municipality -x -d "code or name"
complete -c effortctl -n "__fish_seen_subcommand_from measures" -l window -x -a "day week month quarter season year"
complete -c effortctl -n "__fish_seen_subcommand_from measures" -l label -x -d "certain period"
complete -c effortctl -n "__fish_seen_subcommand_from measures" -l by -x -a "unit portal handled_by source"
complete -c effortctl -n "__fish_seen_subcommand_from targets" -l explain -x -d "one target in words"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l window -x -a "day week month quarter season year"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l label -x -d "certain period"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l compare -d "change against earlier periods"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l explain -d "who entered the share"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l watch -x -d "every so many seconds"
complete -c effortctl -n "__fish_seen_subcommand_from shares" -l times -x -d "rounds"
complete -c effortctl -n "__fish_seen_subcommand_from validate" -s c -r -d "configuration"
complete -c effortctl -n "__fish_seen_subcommand_from validate" -l form-only -d "no configuration"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l to -x -d "address"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l dry-run -d "print the event only"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l acks -d "have each line confirmed"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l spool -x -a "(__fish_complete_directories)" -d "keep lines until confirmed"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l timeout -x -d "seconds without a confirmation"
complete -c effortctl -n "__fish_seen_subcommand_from send" -l exempt
complete -c effortctl -n "__fish_seen_subcommand_from send" -l channel -x \
	-a "selfservice digitalpost email letter phone counter video sms chat social web system other"
for field in id source time municipality kle task service kind direction population assisted outcome form reason unit \
		handled-by portal duration count errand corrects meter reading level
	complete -c effortctl -n "__fish_seen_subcommand_from send" -l $field -x
end
complete -c effortctl -n "__fish_seen_subcommand_from explain" -f \
	-a "(effortctl explain 2>/dev/null | string match -r '^E_[A-Z0-9_]+')"
complete -c effortctl -n "__fish_seen_subcommand_from help" -a "$commands"
complete -c effortctl -n "__fish_seen_subcommand_from journal" -f -a "info verify dump repair"
complete -c effortctl -n "__fish_seen_subcommand_from journal" -l state-dir -x -a "(__fish_complete_directories)" -d "folder of the journal"
complete -c effortctl -n "__fish_seen_subcommand_from journal" -s c -r -d "configuration"
complete -c effortctl -n "__fish_seen_subcommand_from journal" -l segment -x -d "one segment only"
complete -c effortctl -n "__fish_seen_subcommand_from journal" -l limit -x -d "records at most"
complete -c effortctl -n "__fish_seen_subcommand_from journal" -l totals -x -d "a day or a month"
complete -c effortctl -n "__fish_seen_subcommand_from journal" -l write -d "repair for real"
complete -c effortctl -n "__fish_seen_subcommand_from redis" -f -a "check audit rebuild"
complete -c effortctl -n "__fish_seen_subcommand_from redis" -l municipality -x -d "code or name"
complete -c effortctl -n "__fish_seen_subcommand_from redis" -l period -x -d "certain period"
complete -c effortctl -n "__fish_seen_subcommand_from redis" -l wait -x -d "seconds"
complete -c effortctl -n "__fish_seen_subcommand_from redis" -l all -d "everything"
complete -c effortctl -n "__fish_seen_subcommand_from redis" -l yes -d "that is meant"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -f -a "list show replay"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -l code -x -d "those with this code" \
	-a "(effortctl explain 2>/dev/null | string match -r '^E_[A-Z0-9_]+')"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -l source -x -d "those of this source"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -l limit -x -d "the latest"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -l to -x -d "address"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -l dry-run -d "print the events only"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -l state-dir -x -a "(__fish_complete_directories)" -d "folder of the files"
complete -c effortctl -n "__fish_seen_subcommand_from dlq" -s c -r -d "configuration"
complete -c effortctl -n "__fish_seen_subcommand_from efforts" -a "list show report add stop remove"
complete -c effortctl -n "__fish_seen_subcommand_from efforts" -l municipality -x -d "code or name"
complete -c effortctl -n "__fish_seen_subcommand_from efforts" -l area -x -d "id of an area"
complete -c effortctl -n "__fish_seen_subcommand_from efforts" -l file -r -d "file of efforts"
complete -c effortctl -n "__fish_seen_subcommand_from efforts" -s c -r -d "configuration"
complete -c effortctl -n "__fish_seen_subcommand_from efforts" -l on -x -d "last day"
complete -c effortctl -n "__fish_seen_subcommand_from efforts" -l state-dir -x -a "(__fish_complete_directories)" -d "folder of the registry"
for field in id title category scope channel unit from to measure target due status
	complete -c effortctl -n "__fish_seen_subcommand_from efforts" -l $field -x
end
complete -c effortctl -n "__fish_seen_subcommand_from import" -l map -r -d "column map"
complete -c effortctl -n "__fish_seen_subcommand_from import" -l dry-run -d "send nothing"
complete -c effortctl -n "__fish_seen_subcommand_from import" -l rejects -r -d "refused rows"
complete -c effortctl -n "__fish_seen_subcommand_from import" -l batch -x -d "tells files apart"
complete -c effortctl -n "__fish_seen_subcommand_from import" -l encoding -x -a "auto utf-8 windows-1252" -d "of the file"
complete -c effortctl -n "__fish_seen_subcommand_from import" -l to -x -d "address"
complete -c effortctl -n "__fish_seen_subcommand_from import" -l timeout -x -d "seconds without a confirmation"
complete -c effortctl -n "__fish_seen_subcommand_from export compare" -l label -x -d "certain period"
complete -c effortctl -n "__fish_seen_subcommand_from export compare" -l window -x -a "day week month quarter season year" -d "period"
complete -c effortctl -n "__fish_seen_subcommand_from export compare" -l suppress -x -d "smaller numbers are not shown"
complete -c effortctl -n "__fish_seen_subcommand_from export" -l format -x -a "text csv json html" -d "of the report"
complete -c effortctl -n "__fish_seen_subcommand_from export" -l output -r -d "instead of standard output"
complete -c effortctl -n "__fish_seen_subcommand_from export" -l refused -d "with what was refused"
complete -c effortctl -n "__fish_seen_subcommand_from export" -l now -d "with how targets and efforts stand"
complete -c effortctl -n "__fish_seen_subcommand_from export" -l all -d "every municipality"
complete -c effortctl -n "__fish_seen_subcommand_from compare" -l scope -x -d "what is compared"
complete -c effortctl -n "__fish_seen_subcommand_from compare" -l with -x -d "only these"
complete -c effortctl -n "__fish_seen_subcommand_from compare" -l group -x -d "peers"
complete -c effortctl -n "__fish_seen_subcommand_from compare" -l equal-tasks -d "only tasks of all"
complete -c effortctl -n "__fish_seen_subcommand_from compare" -l measure -x -a "selfservice selfservice_incl_assisted digital" -d "share"
complete -c effortctl -n "__fish_seen_subcommand_from import" -s c -r -d "configuration"
complete -c effortctl -n "__fish_seen_subcommand_from export compare" -f
