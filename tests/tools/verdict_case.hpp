// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <lnn/limit/operators.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

/// Recorded verdicts of the packer: one JSON object a line.
///   id, chip, op      op: the packer's name of the operator
///   attrs             as in the ONNX node; `_drop` lists attributes that are left out of it
///   shapes            x, y, x0, x1, ..., w, b, wih, whh, bih, bhh, len, h0, c0, pads_t, value
///   bits              width of each tensor and of the output `o`; attr_x, attr_w: the attribute, where it differs
///   scales            logarithm to base 2 of each scale; attr_x, attr_y, attr_o: the attribute, where it differs
///   pads, const       optional: values of a pad's second input, names of constant inputs
///   opts              optional: the packer's options
///   verdict, message  "accepted" or "refused", and the packer's words
namespace verdicts {

using nlohmann::json;

struct malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One network; the facts view its inputs.
struct network {
  std::string id, op, message, place, mode, auto_pad, platform_quant, quant_mode;
  const lnn::chip* on = nullptr;
  bool accepted = false;
  bool relu = false;  ///< a Relu follows
  lnn::limit::memory relu_asked = lnn::limit::memory::any;
  long long ram = 0, psram = 0;            ///< limits of the totals: the chip's, or less where the options say so
  long long planned_share = -1, planned_psram = -1;  ///< what the packer planned, constants included; -1: not recorded
  std::vector<lnn::limit::operand> in;
  lnn::limit::facts rest;

  [[nodiscard]] lnn::limit::facts facts() const {
    lnn::limit::facts f = rest;
    f.op = op;
    f.in = in;
    f.mode = mode;
    f.auto_pad = auto_pad;
    f.platform_quant = platform_quant;
    f.quant_mode = quant_mode;
    return f;
  }
  /// True where the packer names a sum over the whole plan.
  [[nodiscard]] bool memory_total() const { return message.find("to be allocated was") != std::string::npos; }
};

class reader {
 public:
  reader(const json& from, std::string place) : from_(from), place_(std::move(place)) {}

  [[nodiscard]] network all() {
    if (!from_.is_object()) refuse("is no JSON object");
    network c;
    c.place = place_;
    c.id = word(from_, "id");
    place_ += ", case " + c.id;
    c.op = word(from_, "op");
    c.on = lnn::find_chip(word(from_, "chip"));
    if (!c.on) refuse("chip '" + word(from_, "chip") + "' is none of venus, arcs, venusA");
    if (!lnn::limit::known(c.op)) refuse("operator '" + c.op + "' is not known");
    const std::string verdict = word(from_, "verdict");
    if (verdict != "accepted" && verdict != "refused")
      refuse("verdict '" + verdict + "' is neither accepted nor refused");
    c.accepted = verdict == "accepted";
    if (from_.contains("message")) c.message = word(from_, "message");
    for (const char* name : {"attrs", "shapes", "bits", "scales"})
      if (!from_.contains(name) || !from_[name].is_object())
        refuse(std::string("field '") + name + "' is missing or no object");
    tensors(c);
    attributes(c);
    options(c.rest.options);
    totals(c);
    return c;
  }

 private:
  const json& from_;
  std::string place_;

  [[noreturn]] void refuse(const std::string& why) const { throw malformed(place_ + ": " + why); }

  std::string word(const json& in, const char* name) const {
    if (!in.contains(name) || !in[name].is_string()) refuse(std::string("field '") + name + "' is missing or no text");
    return in[name].get<std::string>();
  }
  int number(const json& v, const std::string& name, double most = 1e6) const {
    if (v.is_boolean()) return v.get<bool>() ? 1 : 0;
    const double d = v.is_number() ? v.get<double>() : 0.5;
    if (d != std::floor(d) || std::abs(d) > most) refuse("'" + name + "' is no whole number of a sensible size");
    return static_cast<int>(d);
  }
  void number(const char* name, int& into) const {
    const json& a = from_["attrs"];
    if (a.contains(name)) into = number(a[name], name);
  }
  void word(const char* name, std::string& into) const {
    const json& a = from_["attrs"];
    if (!a.contains(name)) return;
    if (a[name].is_string())
      into = a[name].get<std::string>();
    else
      refuse(std::string("attribute '") + name + "' is no text");
  }
  void list(const json& in, const char* name, lnn::limit::numbers& into) const {
    if (!in.contains(name)) return;
    if (in[name].is_number()) return into.push_back(number(in[name], name));
    if (!in[name].is_array()) refuse(std::string("'") + name + "' is no list of numbers");
    for (const json& v : in[name]) into.push_back(number(v, name));
  }
  /// Names of constants that are there whatever the operator is.
  [[nodiscard]] bool has(const char* tensor) const { return from_["shapes"].contains(tensor); }

  [[nodiscard]] lnn::limit::exponent scale(const std::string& name) const {
    const json& all = from_["scales"];
    if (!all.contains(name)) return {};
    if (!all[name].is_number()) refuse("scale '" + name + "' is no number");
    const double q = all[name].get<double>();
    return q == std::floor(q) && std::abs(q) < 1e6 ? lnn::limit::exponent(static_cast<int>(q))
                                                   : lnn::limit::exponent::not_a_power();
  }
  [[nodiscard]] int width(const std::string& name) const {
    const json& all = from_["bits"];
    return all.contains(name) ? number(all[name], "bits." + name, 64) : 0;
  }

  /// The tensor of that name; its scale and the name of its memory may be called otherwise.
  [[nodiscard]] lnn::limit::operand tensor(const std::string& name, const std::string& scale_name = "",
                                           const std::string& memory_name = "") const {
    lnn::limit::operand t;
    const json& shapes = from_["shapes"];
    t.present = shapes.contains(name);
    if (t.present) {
      if (!shapes[name].is_array()) refuse("shape of '" + name + "' is no list");
      for (const json& d : shapes[name]) t.dims.append(number(d, "shapes." + name, 2147483647.0));
    }
    const std::string by = scale_name.empty() ? name : scale_name;
    t.scale = scale(by);
    t.named_scale = scale("attr_" + by);
    t.bits = width(name);
    t.named_bits = width("attr_" + name);
    if (from_.contains("const") && from_["const"].is_array())
      for (const json& n : from_["const"]) t.constant = t.constant || n == name;
    t.asked = asked(memory_name.empty() ? name + "_f" : memory_name, lnn::limit::memory::any);
    return t;
  }

  /// --memory entry:kind,entry:kind
  [[nodiscard]] lnn::limit::memory asked(const std::string& entry, lnn::limit::memory otherwise) const {
    if (!from_.contains("opts") || !from_["opts"].is_object() || !from_["opts"].contains("memory")) return otherwise;
    const std::string all = "," + word(from_["opts"], "memory") + ",", key = "," + entry + ":";
    const auto at = all.find(key);
    if (at == std::string::npos) return otherwise;
    const std::string kind = all.substr(at + key.size(), all.find(',', at + 1) - at - key.size());
    if (kind == "share-mem") return lnn::limit::memory::share;
    if (kind == "psram") return lnn::limit::memory::psram;
    if (kind == "flash") return lnn::limit::memory::flash;
    refuse("memory kind '" + kind + "' is none of share-mem, psram, flash");
  }

  void tensors(network& c) const {
    lnn::limit::facts& f = c.rest;
    std::vector<std::string> inputs;
    for (const auto& [name, dims] : from_["shapes"].items())
      if (name.size() > 1 && name[0] == 'x' &&
          std::all_of(name.begin() + 1, name.end(), [](char d) { return d >= '0' && d <= '9'; }))
        inputs.push_back(name);
    if (c.op != "iqCat" || inputs.empty()) {
      inputs.clear();
      for (const char* name : {"x", "y"})
        if (has(name)) inputs.emplace_back(name);
    }
    const bool pair = c.op == "iqAdd" || c.op == "iqSub" || c.op == "iqMul" || c.op == "iqDiv" || c.op == "BmmInt";
    if (inputs.empty() || (inputs.front() != "x" && c.op != "iqCat")) refuse("shapes has no 'x'");
    if (pair && inputs.size() < 2) refuse("shapes has no 'y'");
    for (const std::string& name : inputs) c.in.push_back(tensor(name));
    if (c.op == "LSTMInt" || c.op == "GRUInt") {
      f.weight = tensor("wih", "iw");
      f.recurrent_weight = tensor("whh", "hw");
      f.bias = tensor("bih");
      f.recurrent_bias = tensor("bhh");
      f.hidden.scale = scale("h");
      f.hidden.named_scale = scale("attr_h");
      f.sequence_lengths = has("len");
      for (const char* name : {"x", "wih", "whh", "bih", "bhh", "h0", "c0"}) f.inputs += has(name) ? 1 : 0;
      if (!f.weight.present || !f.recurrent_weight.present) refuse("shapes has no 'wih' or no 'whh'");
    } else {
      f.weight = tensor("w");
      f.bias = tensor("b");
      const bool weighted = c.op.starts_with("Conv") || c.op == "LinearInt" || c.op == "LayerNormInt";
      if (weighted && !f.weight.present) refuse("shapes has no 'w'");
    }
    if (c.op == "iqPad") f.inputs = 1 + (has("pads_t") ? 1 : 0) + (has("value") ? 1 : 0);
    f.out.scale = scale("o");
    f.out.named_scale = scale("attr_o");
    f.out.bits = width("o");
    f.out.asked = asked("z", lnn::limit::memory::any);
  }

  void attributes(network& c) const {
    lnn::limit::facts& f = c.rest;
    const json& a = from_["attrs"];
    list(a, "kernel_shape", f.kernel);
    list(a, "strides", f.stride);
    list(a, "dilations", f.dilation);
    list(a, "perm", f.perm);
    list(a, "output_shape", f.output_shape);
    list(a, "output_padding", f.output_padding);
    if (c.op == "iqPad") {
      if (!from_.contains("pads")) refuse("field 'pads' is missing");
      list(from_, "pads", f.pad);
    } else {
      list(a, "pads", f.pad);
    }
    f.has_perm = a.contains("perm");
    number("group", f.group);
    number("groups", f.group);
    if (c.op == "iqSum" || c.op == "iqVar") number("dim", f.axis);
    number("axis", f.axis);
    if ((c.op == "LSTMInt" || c.op == "GRUInt") && a.contains("batch_first"))
      f.axis = number(a["batch_first"], "batch_first") != 0 ? 0 : 1;
    if (c.op == "Slice") number("step", f.count), number("steps", f.count);
    if (c.op == "Split" && a.contains("split"))
      f.count = a["split"].is_array() ? static_cast<int>(a["split"].size()) : 0;
    if (c.op == "Split") number("dims", f.count);
    if (c.op == "Squeeze" || c.op == "Unsqueeze")
      f.count = a.contains("axes") && a["axes"].is_array() ? static_cast<int>(a["axes"].size()) : 0;
    if (c.op.starts_with("topN")) number("max_num", f.count);
    int flag = 0;
    number("ceil_mode", flag);
    f.ceil_mode = flag != 0;
    word("mode", c.mode);
    word("auto_pad", c.auto_pad);
    word("platform_quant", c.platform_quant);
    word("quant_mode", c.quant_mode);
    f.missing = a.contains("_drop") && a["_drop"].is_array() && !a["_drop"].empty();
    if ((c.op == "LSTMInt" || c.op == "GRUInt") && !a.contains("hidden_size")) f.missing = true;
    if (c.op == "MaxPool" || c.op == "AvgPool2dInt") f.missing = false;  // what they need is the window itself
  }

  void totals(network& c) const {
    c.ram = c.on->memory.share;
    c.psram = c.on->memory.psram;
    if (from_.contains("opts") && from_["opts"].is_object() && from_["opts"].contains("ramsize"))
      c.ram = std::min<long long>(c.ram, number(from_["opts"]["ramsize"], "ramsize", 2147483647.0));
    const auto planned = [&](const char* name, long long& into) {
      if (from_.contains(name) && from_[name].is_number()) into = number(from_[name], name, 2147483647.0);
    };
    planned("share_mem", c.planned_share);
    planned("psram", c.planned_psram);
    c.relu = from_.contains("follow") && from_["follow"] == "Relu";
    if (c.relu) c.relu_asked = asked("zr", lnn::limit::memory::any);
  }

  void options(lnn::limit::packing& p) const {
    p.parameters = asked("params", lnn::limit::memory::psram);
    if (!from_.contains("opts") || from_["opts"].is_null()) return;
    const json& o = from_["opts"];
    if (!o.is_object()) refuse("field 'opts' is no object");
    const auto threshold = [&](const char* name, long long& into) {
      if (o.contains(name)) into = number(o[name], name, 2147483647.0);
    };
    threshold("threshold1", p.weight_threshold);
    threshold("threshold2", p.output_threshold);
    threshold("threshold3", p.right_threshold);
    threshold("threshold4", p.memory_threshold);
    if (o.contains("dma_prefetch"))
      p.dma_prefetch = o["dma_prefetch"].is_boolean() ? o["dma_prefetch"].get<bool>() : o["dma_prefetch"] != "False";
  }
};

inline network read(const std::string& line, const std::string& place) {
  const json from = json::parse(line, nullptr, false);
  if (from.is_discarded()) throw malformed(place + ": is no JSON");
  return reader(from, place).all();
}

}  // namespace verdicts
