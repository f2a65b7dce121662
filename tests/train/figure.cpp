// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lnn/train/figure.hpp>

namespace test_figure {

namespace figures = lnn::figures;

TEST_CASE("figure: name, digits and unit") {
  CHECK(figures::accuracy.of(0.852).text() == "acc 85.20%");
  CHECK(figures::explained.of(-0.5).text() == "explained -50.00%");
  CHECK(figures::mean_squared_error.of(0.00123456).text() == "mse 0.001235");
  CHECK(figures::psnr.of(31.5).text() == "psnr 31.50 dB");
  CHECK(figures::psnr.text().empty());
  CHECK(!lnn::figure{}.known());
}

TEST_CASE("figure: better is up or down") {
  CHECK(figures::accuracy.of(0.9).better_than(figures::accuracy.of(0.8)));
  CHECK(!figures::accuracy.of(0.8).better_than(figures::accuracy.of(0.8)));
  CHECK(figures::mean_squared_error.of(0.8).better_than(figures::mean_squared_error.of(0.9)));
  CHECK(!figures::mean_squared_error.of(0.9).better_than(figures::mean_squared_error.of(0.8)));
  CHECK(figures::mean_squared_error.of(1e9).better_than({}));
  CHECK(!lnn::figure{}.better_than(figures::accuracy.of(0)));
}

}  // namespace test_figure
