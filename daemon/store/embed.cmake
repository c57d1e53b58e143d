# SPDX-License-Identifier: MPL-2.0
# library.c takes the Redis functions in by the assembler's .incbin, which CMake's dependency scan does not see.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/library.c PROPERTIES OBJECT_DEPENDS
	"${PROJECT_SOURCE_DIR}/etc/redis/effort.lua;${PROJECT_SOURCE_DIR}/etc/redis/apply.lua;${PROJECT_SOURCE_DIR}/etc/redis/repair.lua;${PROJECT_SOURCE_DIR}/etc/redis/moments.lua")
# Paths of .incbin are looked for from here, not from where a whole program is optimised.
if(EFFORT_WHOLE)
	set_property(SOURCE ${CMAKE_CURRENT_LIST_DIR}/library.c APPEND PROPERTY COMPILE_OPTIONS -fno-lto)
endif()
