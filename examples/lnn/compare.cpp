// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <lnn/core/error.hpp>
#include <lnn/report/model_difference.hpp>
#include <lnn/pack/option_text.hpp>
#include <map>

#include "command.hpp"
#include "dump_folder.hpp"
#include "network_file.hpp"

namespace tool {
namespace {

struct compare_settings {
  std::string left, right, dynamic;
  std::size_t rows = 10;
  bool structure = false;
  run_settings how;
};

std::vector<value> values_of(const std::string& path, const run_settings& how) {
  if (std::filesystem::is_directory(path)) return read_dump(path);
  trace t = run_file(path, how);
  // what a run hands on without computing it (an input that is an output) is in no step
  for (value& o : t.outputs)
    if (std::none_of(t.all.begin(), t.all.end(), [&](const value& v) { return v.name == o.name; })) t.all.push_back(std::move(o));
  return std::move(t.all);
}

double element(const value& v, std::size_t i) {
  if (v.type == lnn::dtype::float32) return static_cast<double>(v.view().as<const float>()[i]);
  if (v.type == lnn::dtype::float64) return v.view().as<const double>()[i];
  return static_cast<double>(v.view().at(i));
}

struct difference {
  std::size_t count = 0, first = 0;
  double most = 0;
};
difference between(const value& a, const value& b) {
  difference d;
  for (std::size_t i = 0; i < a.dims.size(); ++i) {
    const double gap = std::abs(element(a, i) - element(b, i));
    if (gap == 0) continue;
    if (d.count++ == 0) d.first = i;
    d.most = std::max(d.most, gap);
  }
  return d;
}

void print_first(const value& a, const value& b, std::size_t from, std::size_t rows) {
  std::printf("%-24s %14s %14s\n", "place", "left", "right");
  for (std::size_t i = from; i < a.dims.size() && rows > 0; ++i) {
    const double l = element(a, i), r = element(b, i);
    if (l == r) continue;
    std::string place;
    std::size_t rest = i;
    for (int axis = a.dims.rank() - 1; axis >= 0; --axis) {
      const auto extent = static_cast<std::size_t>(a.dims[axis]);
      place = std::to_string(rest % extent) + (place.empty() ? "" : ",") + place;
      rest /= extent;
    }
    std::printf("%-24s %14.9g %14.9g\n", place.c_str(), l, r);
    --rows;
  }
}

int compare_values(const compare_settings& set) {
  const std::vector<value> left = values_of(set.left, set.how), right = values_of(set.right, set.how);
  std::map<std::string, const value*> by_name;
  for (const value& v : right) by_name.emplace(dump_name(v.name), &v);
  std::size_t compared = 0, differing = 0, alone = 0;
  std::printf("%-44s %-16s %12s %12s\n", "tensor", "shape", "differ", "at most by");
  const value *first = nullptr, *other = nullptr;
  std::size_t from = 0;
  for (const value& v : left) {
    const auto at = by_name.find(dump_name(v.name));
    if (at == by_name.end()) {
      ++alone;
      continue;
    }
    const value& w = *at->second;
    ++compared;
    if (v.dims.size() != w.dims.size()) {
      ++differing;
      std::printf("%-44s %s against %s\n", v.name.c_str(), std::string(v.dims.to_text().view()).c_str(), std::string(w.dims.to_text().view()).c_str());
      continue;
    }
    const difference d = between(v, w);
    if (d.count == 0) continue;
    ++differing;
    if (differing <= set.rows || !first)
      std::printf("%-44s %-16s %12zu %12.9g\n", v.name.c_str(), std::string(v.dims.to_text().view()).c_str(), d.count, d.most);
    if (!first) first = &v, other = &w, from = d.first;
  }
  if (compared == 0) lnn::fail("the two runs have no tensor of the same name; compare networks that were made from one another");
  if (first) {
    std::printf("\nthe first tensor that differs is %s\n", first->name.c_str());
    print_first(*first, *other, from, set.rows);
  }
  std::printf("\n%zu tensors compared, %zu differ, %zu are in the left run only\n", compared, differing, alone);
  return differing == 0 ? ok : refused;
}

int compare_structure(const compare_settings& set) {
  const lnn::model::program a = load_model(set.left), b = load_model(set.right);
  const auto all = lnn::report::differences(a, b);
  for (std::size_t i = 0; i < all.size() && i < set.rows; ++i) std::printf("%s\n", all[i].text().c_str());
  std::printf("%zu operators against %zu, %zu differences\n", a.operations.size(), b.operations.size(), all.size());
  return all.empty() ? ok : refused;
}

}  // namespace

void add_compare(CLI::App& app, int& code) {
  const auto set = std::make_shared<compare_settings>();
  CLI::App* sub = add_command(app, "compare", "Compares two runs tensor by tensor, or two model.bin field by field.",
                              "  lnn compare net.onnx model.bin --input in.bin\n  lnn compare dump1 dump2\n"
                              "  lnn compare --structure mine.bin theirs.bin\n", code, [set] {
                                if (set->structure) return compare_structure(*set);
                                lnn::pack_options symbols;
                                lnn::set_option(symbols, "dynamic_shape", set->dynamic);
                                set->how.symbols = symbols.dynamic_shape;
                                set->how.keep_all = true;
                                return compare_values(*set);
                              });
  sub->add_option("left", set->left, "model.bin, ONNX file, frozen model or folder of a dump")->required();
  sub->add_option("right", set->right, "the same")->required();
  sub->add_option("-i,--input", set->how.inputs, "a tensor for every input of the networks")->allow_extra_args(false);
  sub->add_option("-c,--dynamic-shape", set->dynamic, "name=min:max:factor of symbolic dimensions of ONNX files");
  sub->add_option("--rows", set->rows, "how many differences to show")->capture_default_str();
  sub->add_flag("--structure", set->structure, "compare operators, attributes and constants of two model.bin instead of running them");
}

}  // namespace tool
