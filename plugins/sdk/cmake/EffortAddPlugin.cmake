# SPDX-License-Identifier: MPL-2.0
# effort_add_plugin(NAME SOURCE... [AREA FILE.conf]): a module NAME.so that effortd loads. It exports the descriptor and
# nothing else, has no SONAME and must resolve every symbol by itself. With AREA, `install` puts the file beside the
# areas of effortd. Used by effortd's own tree and, installed, by find_package(EffortPlugin).
function(effort_add_plugin name)
	cmake_parse_arguments(PARSE_ARGV 1 arg "" "AREA" "")
	add_library(${name} MODULE ${arg_UNPARSED_ARGUMENTS})
	target_link_libraries(${name} PRIVATE Effort::plugin)
	set_target_properties(${name} PROPERTIES
		PREFIX "" SUFFIX .so NO_SONAME ON
		C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
		POSITION_INDEPENDENT_CODE ON)
	# A clang sanitizer build leaves the runtime's symbols to the program, so there they cannot be insisted on.
	if(NOT (EFFORT_SANITIZE AND CMAKE_C_COMPILER_ID MATCHES "Clang"))
		target_link_options(${name} PRIVATE -Wl,-z,defs)
	endif()
	target_link_options(${name} PRIVATE -Wl,-z,relro,-z,now,-z,noexecstack)
	# effortd refuses a file that others may write, whatever the umask is.
	add_custom_command(TARGET ${name} POST_BUILD COMMAND chmod go-w $<TARGET_FILE:${name}> VERBATIM)
	if(EFFORT_PLUGIN_DIR)
		install(TARGETS ${name} LIBRARY DESTINATION ${EFFORT_PLUGIN_DIR}
			PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
	endif()
	if(EFFORT_AREAS_DIR AND arg_AREA)
		install(FILES ${arg_AREA} DESTINATION ${EFFORT_AREAS_DIR})
	endif()
endfunction()
