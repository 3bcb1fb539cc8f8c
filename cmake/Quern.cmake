# The few functions that the CMakeLists.txt of every folder uses.

# Promised results have a fixed shape (docs/architecture.md): no contraction of a*b+c, no value-changing maths.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -ffp-contract=off)
if(QUERN_WERROR)
  # g++ 12 at -O3 reports these inside its own standard library where there is nothing to report.
  add_compile_options(-Werror -Wno-error=array-bounds -Wno-error=restrict -Wno-error=stringop-overflow)
endif()

macro(quern_find_dependencies)
  find_package(Threads REQUIRED)
  find_package(PkgConfig REQUIRED)
  find_package(fmt REQUIRED)
  find_package(ZLIB REQUIRED)
  pkg_check_modules(libmd REQUIRED IMPORTED_TARGET libmd)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    find_path(XBYAK_INCLUDE_DIR xbyak/xbyak.h REQUIRED)  # assembles the fast core's native code
  endif()
  find_program(DASM dasm)
  if(NOT DASM AND NOT EXISTS ${PROJECT_SOURCE_DIR}/games_src/gleaner.bin)
    message(FATAL_ERROR "dasm assembles the free game and is not installed: apt-get install dasm")
  endif()
  find_package(nlohmann_json REQUIRED)
  pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
  if(QUERN_PROGRAM)
    find_package(PNG REQUIRED)
    find_package(CLI11 REQUIRED)
    find_library(CGIF_LIBRARY cgif REQUIRED)
  endif()
  if(QUERN_TESTS)
    find_package(GTest REQUIRED)
  endif()
  if(QUERN_BENCH)
    find_package(benchmark REQUIRED)
  endif()
endmacro()

# quern_library(FOLDER SOURCES a.cpp ... [LINK folder ... library ...])
# makes the library quern_FOLDER; LINK names folders of ours by their bare name.
function(quern_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(quern_${folder} STATIC ${ARG_SOURCES})
  target_include_directories(quern_${folder} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  foreach(item ${ARG_LINK})
    if(EXISTS ${PROJECT_SOURCE_DIR}/quern/${item}/CMakeLists.txt)
      target_link_libraries(quern_${folder} PUBLIC quern_${item})
    else()
      target_link_libraries(quern_${folder} PUBLIC ${item})
    endif()
  endforeach()
  target_link_libraries(quern_${folder} PRIVATE ${ARG_PRIVATE_LINK})
endfunction()

# quern_test(FOLDER a_test.cpp ...): one test program per folder, FOLDER_test, that links that folder alone,
# so a folder that reaches above its place in the layer table does not link. ctest label: unit.
function(quern_test folder)
  add_executable(${folder}_test ${ARGN})
  target_link_libraries(${folder}_test PRIVATE quern_${folder} GTest::gtest_main)
  target_compile_options(${folder}_test PRIVATE -O1)  # what is tested is optimised; the tests build faster
  add_test(NAME unit.${folder} COMMAND ${folder}_test)
  set_tests_properties(unit.${folder} PROPERTIES LABELS unit)
endfunction()
