# SPDX-License-Identifier: Apache-2.0
# What the main job says to wrong inputs: one sentence, an exit code, and no file left behind.
#   cmake -DPROGRAM=... -DFOLDER=... -P main_job.cmake
function(expect_refusal sentence)
  file(REMOVE_RECURSE "${FOLDER}")
  file(MAKE_DIRECTORY "${FOLDER}/data" "${FOLDER}/out")
  if(IMAGES)
    file(WRITE "${FOLDER}/data/train-images-idx3-ubyte" "${IMAGES}")
  endif()
  execute_process(COMMAND "${PROGRAM}" --out "${FOLDER}/out" ${ARGN} WORKING_DIRECTORY "${FOLDER}"
    RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(code EQUAL 0)
    message(FATAL_ERROR "${ARGN}: expected a refusal, got success")
  endif()
  if(NOT "${out}${err}" MATCHES "${sentence}")
    message(FATAL_ERROR "${ARGN}: expected '${sentence}', got '${out}${err}'")
  endif()
  file(GLOB left "${FOLDER}/out/*.lnn*")
  if(left)
    message(FATAL_ERROR "${ARGN}: left ${left}")
  endif()
endfunction()

expect_refusal("no-such-option" --no-such-option 1)
expect_refusal("epochs" --epochs 0)
expect_refusal("error: .*nowhere.*train-images" --data "${FOLDER}/nowhere")
set(IMAGES "short")
expect_refusal("error: .*train-images.*" --data "${FOLDER}/data")
