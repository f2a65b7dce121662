// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "../graph/scales.hpp"
#include "optimizer.hpp"

namespace lnn {

/// Everything that training changes, in one value: what a checkpoint holds and what a resumed run continues from.
struct training {
  params parameters{};
  scales grids{};  ///< empty before calibration
  optimizer rule;
  std::string stage = "float";  ///< the stage that `epoch` counts in
  int epoch = 0;                ///< epochs of this stage that are done
  std::uint64_t seed = 1;     ///< initial parameters, order and augmentation of the data are pure functions of it
};

}  // namespace lnn
