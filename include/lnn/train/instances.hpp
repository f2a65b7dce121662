// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/config.hpp"
#include "calibrate.hpp"
#include "checkpoint.hpp"
#include "evaluate.hpp"
#include "fit.hpp"
#include "freeze.hpp"
#include "frozen_file.hpp"

/// What most training programs have in common: made in each, or once for all by lnn/compiled.hpp.  First the steps of training,
/// which sets of operators of one's own share too, then what is done with networks of builtin ones.
#if LNN_COMPILED

namespace lnn {

LNN_STEP_INSTANCE class basic_tape<float, simd::kernels>;
LNN_STEP_INSTANCE class program<simd::kernels>;
LNN_STEP_INSTANCE struct detail::integer_layer<simd::kernels>;
LNN_STEP_INSTANCE struct detail::input_step<simd::kernels>;
LNN_STEP_INSTANCE struct detail::batch_norm_step<simd::kernels>;
LNN_STEP_INSTANCE struct detail::norm_step<conv2d, simd::kernels>;
LNN_STEP_INSTANCE struct detail::norm_step<linear, simd::kernels>;
LNN_STEP_INSTANCE struct detail::cross_entropy_step<float, simd::kernels>;
LNN_STEP_INSTANCE void detail::train(std::string_view, program<simd::kernels>&, training&, loader&, mini_batch&,
                                     const classification&, const fit_options&, pool&);
LNN_STEP_INSTANCE owner<program<simd::kernels>> float_program(const graph_view<builtin>&, params&, flat<float>, pool&);
LNN_STEP_INSTANCE owner<program<simd::kernels>> constrained_program(const graph_view<builtin>&, params&, flat<float>, pool&,
                                                                    const clamps&);
LNN_STEP_INSTANCE owner<program<simd::kernels>> integer_program(const graph_view<builtin>&, params&, scales&, flat<float>, pool&,
                                                                const chip&, hardware_rules);

#define LNN_OPERATOR(name)                                                                      \
  LNN_STEP_INSTANCE struct basic_tape<float, simd::kernels>::op_step<name>;                     \
  LNN_STEP_INSTANCE std::vector<variable<float>*> basic_tape<float, simd::kernels>::apply_list( \
      const name&, std::vector<variable<float>*>, bool);                                        \
  LNN_STEP_INSTANCE struct detail::integer_step<name, simd::kernels>;
LNN_OPERATOR(conv2d)
LNN_OPERATOR(linear)
LNN_OPERATOR(batch_norm)
LNN_OPERATOR(relu)
LNN_OPERATOR(max_pool2d)
LNN_OPERATOR(avg_pool2d)
LNN_OPERATOR(flatten)
LNN_OPERATOR(add)
#undef LNN_OPERATOR

LNN_TRAIN_INSTANCE params init(const graph_view<builtin>&, std::uint64_t);
LNN_TRAIN_INSTANCE graph<builtin> fuse(const graph_view<builtin>&);
LNN_TRAIN_INSTANCE graph<builtin> fuse_relu(const graph_view<builtin>&);
LNN_TRAIN_INSTANCE graph<builtin> join_relu(const graph_view<builtin>&);
LNN_TRAIN_INSTANCE graph<builtin> fold_batch_norm(const graph_view<builtin>&);
LNN_TRAIN_INSTANCE graph<builtin> with_inner_grids(graph<builtin>, const scales&);
LNN_TRAIN_INSTANCE scales scales_for(const graph_view<builtin>&, const quantization&);
LNN_TRAIN_INSTANCE std::vector<edge_grid> grids_of(const graph_view<builtin>&, scales&, bool, const chip&);
LNN_TRAIN_INSTANCE scales calibrate<simd::kernels>(const graph_view<builtin>&, training&, loader&, int, const quantization&, pool&);
LNN_TRAIN_INSTANCE frozen<builtin> freeze(const graph_view<builtin>&, const params&, const scales&, const chip&, hardware_rules);
LNN_TRAIN_INSTANCE void save_checkpoint(const std::string&, const graph_view<builtin>&, const training&);
LNN_TRAIN_INSTANCE void load_checkpoint(const std::string&, const graph_view<builtin>&, training&);
LNN_TRAIN_INSTANCE void write_frozen(const std::string&, const frozen<builtin>&);
LNN_TRAIN_INSTANCE frozen<builtin> read_frozen(const std::string&);

#define LNN_STAGE(name)                                                                                                          \
  LNN_TRAIN_INSTANCE void fit<simd::kernels>(const graph_view<builtin>&, training&, loader&, const name&, const classification&, \
                                             const fit_options&, pool&);                                                         \
  LNN_TRAIN_INSTANCE confusion_matrix evaluate<simd::kernels>(const graph_view<builtin>&, training&, loader&, const name&, int, pool&);
LNN_STAGE(float_stage)
LNN_STAGE(constrained_stage)
LNN_STAGE(integer_stage)
#undef LNN_STAGE

}  // namespace lnn

#endif
