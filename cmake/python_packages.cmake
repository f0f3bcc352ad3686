# The Python packages that irlens starts, copied to share/irlens/python beside
# bin/: the programs find their data relative to themselves, in the build folder
# as in an installation.
#
# Target irlens_python copies when a file was changed, added or removed.
include_guard(GLOBAL)
set(IRLENS_PYTHON_DIR ${CMAKE_BINARY_DIR}/share/irlens/python)

add_custom_target(irlens_python ALL)

function(irlens_python_package source)
  cmake_path(GET source FILENAME name)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${source}/*.py ${source}/py.typed)
  # The list is an input of its own: a file that was removed changes nothing else.
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${name}.files)
  file(GENERATE OUTPUT ${list} CONTENT "${files}")
  set(stamp ${CMAKE_CURRENT_BINARY_DIR}/${name}.stamp)
  set(filesOnly ${CMAKE_CURRENT_BINARY_DIR}/${name}.cmake)
  file(GENERATE OUTPUT ${filesOnly} CONTENT
       "file(REMOVE_RECURSE ${IRLENS_PYTHON_DIR}/${name})
file(COPY ${source} DESTINATION ${IRLENS_PYTHON_DIR} FILES_MATCHING PATTERN *.py PATTERN py.typed PATTERN __pycache__ EXCLUDE)
file(TOUCH ${stamp})\n")
  add_custom_command(OUTPUT ${stamp}
    COMMAND ${CMAKE_COMMAND} -P ${filesOnly}
    DEPENDS ${files} ${list} ${filesOnly}
    COMMENT "Copying the Python package ${name}")
  add_custom_target(irlens_python_${name} DEPENDS ${stamp})
  add_dependencies(irlens_python irlens_python_${name})
  install(DIRECTORY ${source} DESTINATION share/irlens/python
    FILES_MATCHING PATTERN *.py PATTERN py.typed PATTERN __pycache__ EXCLUDE)
endfunction()

irlens_python_package(${CMAKE_SOURCE_DIR}/engine/worker/irlens_worker)
irlens_python_package(${CMAKE_SOURCE_DIR}/ir_lowering/torch/irlens_torch)
irlens_python_package(${CMAKE_SOURCE_DIR}/triton/irlens_triton)
