#include "commands/intent.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

const std::vector<std::string> k_roles{"admin", "viewer"};

Intent said(const std::string& text) {
  const auto intent = parse_command(text);
  INFO(text << ": " << (intent ? std::string() : intent.error().message));
  REQUIRE(intent);
  return *intent;
}

std::string refused(const std::string& text) {
  const auto intent = parse_command(text);
  REQUIRE_FALSE(intent);
  return intent.error().message;
}

ReviseIntent apart(const std::string& text) {
  const auto out = told_apart(std::get<ReviseIntent>(said(text)), "prod-db", k_roles);
  INFO(text << ": " << (out ? std::string() : out.error().message));
  REQUIRE(out);
  CHECK(out->rest.empty());
  return *out;
}

Submitted filled(FormKind kind, std::map<std::string, std::string> values) {
  return {kind, ButtonValue{RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::shorter}, std::move(values)};
}

std::string problem(const Submitted& form) {
  const auto problems = form_problems(form);
  CHECK(intent_of(form).has_value() == problems.empty());
  return problems.empty() ? "" : problems.front().field + ": " + problems.front().message;
}

TEST_CASE("revise reads an id, a duration, and behind them a role, the resource's name and a reason") {
  struct Words {
    std::string text;
    std::string role;
    std::string confirmed;
    std::string reason;
  };
  const auto words = GENERATE(
      Words{"revise 7K3F 30m", "", "", ""}, Words{"REVISE jit-7k3f 30m viewer", "viewer", "", ""},
      Words{"revise 7K3F for 30m Viewer the replica is enough", "viewer", "", "the replica is enough"},
      Words{"revise 7K3F 30m viewer because INC-7", "viewer", "", "INC-7"},
      Words{"revise 7K3F 30m because viewer is enough", "", "", "viewer is enough"},
      Words{"revise 7K3F 30m because lunch", "", "", "lunch"},
      Words{"revise 7K3F 30m prod-db", "", "prod-db", ""},
      Words{"revise 7K3F 30m admin PROD-DB looks right", "admin", "PROD-DB", "looks right"},
      Words{"revise 7K3F 30m the night shift takes over", "", "", "the night shift takes over"},
      Words{"revise 7K3F 30 minutes “shift ends”", "", "", "shift ends"});
  CAPTURE(words.text);
  const ReviseIntent revise = apart(words.text);
  CHECK(revise.id.value == "7K3F");
  CHECK(revise.duration == 30min);
  CHECK(revise.role == words.role);
  CHECK(revise.confirmed == words.confirmed);
  CHECK(revise.reason == words.reason);
  CHECK_FALSE(revise.revision);
}

TEST_CASE("a lone word that is no role is taken for one mistyped") {
  const auto meant = told_apart(std::get<ReviseIntent>(said("revise 7K3F 30m viewr")), "prod-db", k_roles);
  REQUIRE_FALSE(meant);
  CHECK(meant.error().message ==
        "prod-db has no role \"viewr\"; did you mean viewer? A reason of one word wants because before it");
}

TEST_CASE("votes and revisions read the revision behind the id") {
  CHECK(std::get<ReviseIntent>(said("revise 7K3F.2 30m")).revision == 1);
  CHECK(std::get<VoteIntent>(said("approve 7K3F.3 fine")).revision == 2);
}

TEST_CASE("what revise and ask cannot use is said with what works") {
  CHECK(refused("revise") == "which one? /jit revise JIT-7K3F 30m [role] because <reason>");
  CHECK(refused("deny 7K3F.2") == "say why: /jit deny 7K3F.2 <reason>");
  CHECK(refused("ask 7K3F.2") == "ask what? /jit ask 7K3F.2 <question>");
  CHECK(refused("revise 7K3F") == "how long instead? /jit revise JIT-7K3F 30m [role] because <reason>");
  CHECK(refused("revise 7K3F viewer").starts_with("\"viewer\" is not a length of time I can use"));
  CHECK(refused("ask 7K3F") == "ask what? /jit ask 7K3F <question>");
  CHECK(refused("ask prod-db 1h").ends_with("To ask for access: /jit request staging 1h"));
  CHECK(refused("ask 7K3F " + std::string(501, 'x')) == "the question has 501 characters; 500 are the most");
  CHECK(std::get<QuestionIntent>(said("ask 7k3f.2 which table?")).text == "which table?");
}

TEST_CASE("the resource's name is taken out of a typed approval's comment, where it stands first") {
  const auto vote = [](const std::string& text) {
    return with_name(std::get<VoteIntent>(said(text)), "prod-db");
  };
  CHECK(vote("approve 7K3F prod-db").confirmed == "prod-db");
  CHECK(vote("approve 7K3F prod-db").reason.empty());
  CHECK(vote("approve 7K3F Prod-DB looks right").reason == "looks right");
  CHECK(vote("approve 7K3F looks right, prod-db").confirmed.empty());
  CHECK(vote("approve 7K3F prod-db2").reason == "prod-db2");
}

TEST_CASE("the forms of deciding say at the field what is missing") {
  CHECK(problem(filled(FormKind::confirm, {})) == "name: type the resource's name");
  CHECK(problem(filled(FormKind::shorter, {{"reason", "x"}})).starts_with("duration: say how long instead"));
  CHECK(problem(filled(FormKind::shorter, {{"duration", "30m"}})) == "reason: say why");
  CHECK(
      problem(filled(FormKind::shorter, {{"duration", "long"}, {"reason", "x"}})).starts_with("duration: "));
  CHECK(problem(filled(FormKind::question, {})) == "question: ask what?");
  CHECK(problem(filled(FormKind::extend, {})).starts_with("duration: how long?"));
}

TEST_CASE("the forms of deciding mean what their typed twins mean, for the digest that was shown") {
  const auto approve = intent_of(filled(FormKind::confirm, {{"name", "prod-db"}, {"reason", "fine"}}));
  REQUIRE(approve);
  const auto& vote = std::get<VoteIntent>(*approve);
  CHECK(vote.confirmed == "prod-db");
  CHECK(vote.reason == "fine");
  CHECK(vote.digest_prefix == "1a2b3c4d5e6f");
  const auto shorter = intent_of(filled(FormKind::shorter, {{"role", "viewer"}, {"reason", "enough"}}));
  REQUIRE(shorter);
  CHECK(std::get<ReviseIntent>(*shorter).duration == 0ms);
  CHECK(std::get<ReviseIntent>(*shorter).role == "viewer");
  CHECK(std::get<ReviseIntent>(*shorter).digest_prefix == "1a2b3c4d5e6f");
  const auto question = intent_of(filled(FormKind::question, {{"question", "which?"}}));
  REQUIRE(question);
  CHECK(std::get<QuestionIntent>(*question).text == "which?");
  const auto extend = intent_of(filled(FormKind::extend, {{"duration", "1 hour"}}));
  REQUIRE(extend);
  CHECK(std::get<ExtendIntent>(*extend).duration == 1h);
  Submitted lost = filled(FormKind::question, {{"question", "which?"}});
  lost.about.reset();
  CHECK_FALSE(intent_of(lost));
}

TEST_CASE("each form of deciding names its request and fits a window's title") {
  const ButtonValue about{RequestId{"7K3F7K3F"}, "1a2b3c4d5e6f", Act::confirm};
  for (const Form& form :
       {confirm_form(about), shorter_form(about), question_form(about), extend_form(about)}) {
    CHECK(form.title.size() <= 24);
    CHECK(form.submit.size() <= 24);
    CHECK(form.about == about);
    CHECK_FALSE(form.fields.empty());
  }
}

TEST_CASE("only what starts access anew goes stale") {
  CHECK(starts_access(Intent{AgainIntent{RequestId{"7K3F"}}}));
  CHECK_FALSE(starts_access(said("revise 7K3F 30m")));
  CHECK_FALSE(starts_access(Intent{QuestionIntent{RequestId{"7K3F"}, "?"}}));
  CHECK(std::holds_alternative<AgainIntent>(*intent_of(Clicked{{RequestId{"7K3F"}, "", Act::again}})));
}

}  // namespace

TEST_CASE("link asks for a code, or brings one") {
  CHECK(std::get<LinkIntent>(said("link")).code.empty());
  CHECK(std::get<LinkIntent>(said("link 7K3F9Q2M")).code == "7K3F9Q2M");
  CHECK_FALSE(refused("link 7K3F 9Q2M").empty());
}

}  // namespace jitbot
