// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "contract.hpp"

/// Operators on lines, [n, c, length], are those on images of height 1: what both kinds need to meet.
namespace lnn::line {

// --- rules of shapes
inline constexpr rule input_rank{
    "line.input_rank", "rank of the input", "", "give it [n, c, length]", "输入的维数", "使用 [n, c, length]"};
inline constexpr rule attributes{
    "line.attributes", "least of the window's attributes and counts", "", "use values of 1 and above",
    "窗口属性与个数中的最小值", "取不小于 1 的值"};
inline constexpr rule negative_pad{
    "line.negative_pad", "least padding", "", "slice the input instead", "最小填充", "改为裁剪输入"};
inline constexpr rule output_length{
    "line.output_length", "output length", "", "pad the input or use a smaller window", "输出长度",
    "填充输入或使用更小的窗口"};

inline constexpr const rule* pool_rules[] = {&input_rank, &attributes, &negative_pad, &output_length};

// --- lines as images
[[nodiscard]] constexpr shape as_image(const shape& line) {
  return line.rank() == 3 ? shape{line[0], line[1], 1, line[2]} : line;
}
[[nodiscard]] constexpr extent2 as_image(extent1 length) { return {1, length.n}; }
[[nodiscard]] constexpr padding2 as_image(padding1 pad) { return {0, pad.before, 0, pad.behind}; }

/// The shape rules of pooling; a kernel of 0 stands for the whole line.
template <class Pool>
[[nodiscard]] constexpr shape pooled(const Pool& on_images, const shape& x, extent1 kernel, extent1 stride,
                                     padding1 pad, verdict& found) {
  const std::size_t before = found.refused().size();
  found.equal(input_rank, x.rank(), 3);
  if (!on_images.whole()) found.at_least(attributes, std::min(kernel.n, stride.n), 1);
  found.at_least(negative_pad, std::min(pad.before, pad.behind), 0);
  if (found.refused().size() > before) return {};
  const int length = on_images.window(as_image(x)).out.w;
  found.at_least(output_length, length, 1);
  return found.refused().size() > before ? shape{} : shape{x[0], x[1], length};
}

namespace detail {

/// The views of a call, lines among them as images; what has another rank (a bias) stays as it is.
template <class View>
class images {
 public:
  explicit images(std::span<const View> from) : count_(from.size()) {
    if (count_ > most) fail("line: an operator with ", count_, " tensors; ", most, " are provided for");
    for (std::size_t i = 0; i < count_; ++i) {
      views_[i] = from[i];
      views_[i].dims = as_image(from[i].dims);
    }
  }
  operator std::span<const View>() const { return {views_, count_}; }

 private:
  static constexpr std::size_t most = 4;
  View views_[most];
  std::size_t count_;
};

}  // namespace detail

/// Hands a call on lines to use(call on images).
template <class T, class K, class Use>
void as_images(const forward_call<T, K>& c, const Use& use) {
  const detail::images in(c.in);
  const detail::images out(c.out);
  use(forward_call<T, K>{in, out, c.state, c.saved, c.training, c.workers, c.relu});
}
template <class T, class K, class Use>
void as_images(const backward_call<T, K>& c, const Use& use) {
  const detail::images in(c.in), out(c.out), grad_out(c.grad_out);
  const detail::images grad_in(c.grad_in);
  use(backward_call<T, K>{in, out, grad_out, grad_in, c.saved, c.training, c.workers, c.relu, c.fresh});
}
template <class K, class Use>
void as_images(const integer_call<K>& c, const Use& use) {
  const detail::images in(c.in), out(c.out);
  use(integer_call<K>{in, out, c.on, c.relu, c.watch, c.workers});
}

}  // namespace lnn::line
