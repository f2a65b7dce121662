// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "../core/config.hpp"
#include "calibrate.hpp"
#include "evaluate.hpp"
#include "fit.hpp"

/// What most training programs have in common: made in each, or once for all by lnn/compiled.hpp.
#if LNN_COMPILED

namespace lnn {

LNN_INSTANCE class basic_tape<float, simd::kernels>;
LNN_INSTANCE class program<simd::kernels>;
LNN_INSTANCE struct detail::integer_layer<simd::kernels>;
LNN_INSTANCE struct detail::input_step<simd::kernels>;
LNN_INSTANCE struct detail::batch_norm_step<simd::kernels>;
LNN_INSTANCE struct detail::norm_step<conv2d, simd::kernels>;
LNN_INSTANCE struct detail::norm_step<linear, simd::kernels>;
LNN_INSTANCE struct detail::cross_entropy_step<float, simd::kernels>;
LNN_INSTANCE void detail::train(std::string_view, program<simd::kernels>&, training&, loader&, mini_batch&, const classification&,
                                const fit_options&, pool&);

#define LNN_OPERATOR(name)                                                                 \
  LNN_INSTANCE struct basic_tape<float, simd::kernels>::op_step<name>;                     \
  LNN_INSTANCE std::vector<variable<float>*> basic_tape<float, simd::kernels>::apply_list( \
      const name&, std::vector<variable<float>*>, bool);                                   \
  LNN_INSTANCE struct detail::integer_step<name, simd::kernels>;
LNN_OPERATOR(conv2d)
LNN_OPERATOR(linear)
LNN_OPERATOR(batch_norm)
LNN_OPERATOR(relu)
LNN_OPERATOR(max_pool2d)
LNN_OPERATOR(avg_pool2d)
LNN_OPERATOR(flatten)
LNN_OPERATOR(add)
#undef LNN_OPERATOR

}  // namespace lnn

#endif
