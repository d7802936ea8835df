#pragma once

#include "bot/cards/form.hpp"
#include "bot/cards/inbound.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::slack {

// A Form as a modal view. `origin` travels in private_metadata (a submission has no channel of its own),
// without its answer address: that is a secret.
nlohmann::json render_modal(const Form& form, const ReplyTo& origin, Time now);

// What a search offers: as many as Slack takes.
nlohmann::json render_options(const std::vector<Choice>& choices);

// The field of a block's id; empty: not a field of ours.
std::string field_named(std::string_view block_id);
// What one element holds, cleaned; empty: nothing.
std::string read_value(const nlohmann::json& element);

struct ReadForm {
  Submitted submitted;
  ReplyTo origin;
};
// Nothing: not a view of ours. Values are as typed, cleaned; nothing in them is believed.
std::optional<ReadForm> read_submission(const nlohmann::json& view);

// The acknowledgement that shows what is wrong. Slack takes errors only under ids of input blocks that are in
// the view: a problem with no field there is shown at the first one. Nothing: there is nowhere to show them.
std::optional<nlohmann::json> form_errors(const std::vector<FieldProblem>& problems,
                                          const std::vector<std::string>& input_blocks);

// What to type where no form can open.
Card typed_form(const Form& form, const std::string& command);

}  // namespace jitbot::slack
