#include "commands/intent.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

const ButtonValue k_about{RequestId{"7K3F"}, "0123456789ab", Act::deny};

Submitted submitted(FormKind kind, std::map<std::string, std::string> values) {
  return {kind, kind == FormKind::request ? std::nullopt : std::optional(k_about), std::move(values)};
}

TEST_CASE("titles keep within what a platform shows") {
  const ButtonValue longest{RequestId{"7K3F7K3F7K3F"}, "0123456789ab", Act::deny};
  for (const Form& it : {deny_form(longest), end_form(longest)}) {
    CHECK(it.title.size() <= 24);
    CHECK(it.submit.size() <= 24);
  }
}

TEST_CASE("a filled-in request means the same as the typed one") {
  const auto intent = intent_of(submitted(
      FormKind::request,
      {{"resource", "staging:viewer"}, {"duration", " 1 hour\u00A0"}, {"reason", " INC-7\n look "}}));
  REQUIRE(intent);
  const auto& ask = std::get<AskIntent>(*intent);
  CHECK(ask.resource == "staging");
  CHECK(ask.role == "viewer");
  CHECK(ask.duration == 1h);
  CHECK(ask.reason == "INC-7\nlook");
}

TEST_CASE("a form's problems are told field by field") {
  const auto problems =
      form_problems(submitted(FormKind::request, {{"duration", "soon"}, {"reason", std::string(501, 'x')}}));
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].field == "resource");
  CHECK(problems[0].message == "name a resource, as in staging or staging:viewer");
  CHECK(problems[1].field == "duration");
  CHECK(problems[1].message == "\"soon\" is not a length of time I can use; try 30m, 1h30m or 2d");
  CHECK(problems[2].field == "reason");
  CHECK(problems[2].message == "the reason has 501 characters; 500 are the most");
  CHECK(form_problems(submitted(FormKind::request, {{"resource", "staging"}}))[0].message ==
        "how long? for example 30m, 1h30m or 2d");
  CHECK(form_problems(submitted(FormKind::request, {{"resource", "staging"}, {"duration", "1h INC-7"}}))
            .size() == 1);
  CHECK(
      form_problems(submitted(FormKind::request, {{"resource", "staging"}, {"duration", "1h 30m"}})).empty());
}

TEST_CASE("a denial needs a reason, and is for the digest that was seen") {
  CHECK(form_problems(submitted(FormKind::deny, {{"reason", "  "}}))[0].message == "say why");
  const auto intent = intent_of(submitted(FormKind::deny, {{"reason", "use the replica"}}));
  REQUIRE(intent);
  const auto& vote = std::get<VoteIntent>(*intent);
  CHECK(vote.vote == VoteIntent::Vote::deny);
  CHECK(vote.digest_prefix == "0123456789ab");
  CHECK(vote.reason == "use the replica");
  CHECK(deny_form(k_about).about == k_about);
  CHECK(deny_form(k_about).fields[0].need == Field::Need::required);
}

TEST_CASE("an end may leave the reason out, who needs one is known later") {
  const auto intent = intent_of(submitted(FormKind::end, {}));
  REQUIRE(intent);
  CHECK(std::get<EndIntent>(*intent).id == RequestId{"7K3F"});
  CHECK(end_form(k_about).fields[0].need == Field::Need::optional);
}

TEST_CASE("a form that names no request is refused") {
  Submitted form = submitted(FormKind::deny, {{"reason", "no"}});
  form.about.reset();
  CHECK(intent_of(form).error().kind == ErrorKind::invalid);
}

TEST_CASE("a pressed button means its act") {
  const auto press = [](Act act) { return intent_of(Clicked{{RequestId{"7K3F"}, "0123456789ab", act}}); };
  const auto vote = std::get<VoteIntent>(*press(Act::approve));
  CHECK(vote.vote == VoteIntent::Vote::approve);
  CHECK(vote.digest_prefix == "0123456789ab");
  CHECK_FALSE(vote.revision);
  CHECK(std::get<CancelIntent>(*press(Act::cancel)).id == RequestId{"7K3F"});
  CHECK(std::get<DoneIntent>(*press(Act::done)).id == RequestId{"7K3F"});
  CHECK(std::get<EndIntent>(*press(Act::end)).reason.empty());
  CHECK(press(Act::deny).error().message == "say why: /jit deny 7K3F <reason>");
  CHECK(press(Act::extend).error().message == "say by how much: /jit extend 7K3F 30m");
}

}  // namespace
}  // namespace jitbot
