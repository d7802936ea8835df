#include "bot/cards/deciding.hpp"

#include "bot/cards/clean.hpp"
#include "bot/cards/notice_args.hpp"
#include "bot/cards/notice_parts.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/cards/steps.hpp"

#include <nlohmann/json.hpp>

namespace jitbot {

namespace {

constexpr std::size_t k_most_question = 500;  // characters

std::string text_of(const nlohmann::json& args) {
  const auto text = args.find("text");
  if (text == args.end() || !text->is_string()) return {};
  return one_line(text->get<std::string>(), k_most_question);
}

// The thread, or the command that writes there: who is not in the channel can answer, too.
Line where_to_answer(const SubjectView& view, const nlohmann::json& args) {
  Line line{Plain{"answer "}};
  const auto channels = args.find("channels");
  if (channels != args.end() && channels->is_array()) {
    for (const auto& channel : *channels) {
      if (!channel.is_string()) continue;
      line += {Plain{"in the thread of its card in "}, ChannelMention{channel.get<std::string>()},
               Plain{", or "}};
    }
  }
  line += {Plain{"with "}, typed(view, "ask", "<answer>")};
  return line;
}

}  // namespace

Card question(const SubjectView& view, const nlohmann::json& args) {
  const bool answers = arg_string(args, "as") == "answer";
  const Asked& asked = view.request.asked;
  Card card = about(view, "💬", answers ? "Answer" : "Question");
  const auto who = arg_person(args, "who");
  Line line = who ? Line{person(*who)} : plain("somebody");
  line +=
      {Plain{answers ? " answers about " : " asks about "}, Strong{access_name(asked.resource, asked.role)}};
  if (asked.beneficiary != asked.asker) line += {Plain{" for "}, person(asked.beneficiary)};
  add(card, std::move(line));
  card.quote = text_of(args);
  card.footer.push_back(where_to_answer(view, args));
  return card;
}

Card revised(const SubjectView& view, const nlohmann::json& args) {
  Card step = step_card(args);
  Card card = about(view, "✂️", "Made shorter");
  add(card, subject_line(view));
  for (Line& line : step.facts) add(card, std::move(line));
  if (view.request.state == RequestState::pending) add(card, progress_line(view));
  card.quote = std::move(step.quote);
  return card;
}

}  // namespace jitbot
