#include "commands/request_form.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace jitbot {
namespace {

// staging with two roles, each by a rule of its own.
struct Catalog {
  Catalog() {
    resource.name = "staging";
    resource.description = "Staging cluster";
    resource.default_role = "viewer";
    for (const char* name : {"admin", "viewer"}) {
      Role role;
      role.name = name;
      resource.roles.emplace(name, role);
    }
    resource.roles.at("admin").description = "may write";
    look.name = "look";
    look.max_duration = 30min;
    look.automatic = true;
    write.name = "write";
    write.max_duration = 4h;
    write.reason.min_length = 10;
    write.reason.hint = "name the incident";
    write.steps = {RuleStep{{"owners", {{Subject::Kind::group, "sre"}}, 1}}};
  }
  Offer both() const {
    return {&resource, {{&resource.roles.at("admin"), &write}, {&resource.roles.at("viewer"), &look}}};
  }
  Resource resource;
  Rule look;
  Rule write;
};

const Field* find(const Form& form, const std::string& name) {
  const auto found = std::ranges::find(form.fields, name, &Field::name);
  return found == form.fields.end() ? nullptr : &*found;
}
const Field& field(const Form& form, const std::string& name) {
  const Field* found = find(form, name);
  REQUIRE(found != nullptr);
  return *found;
}

Submitted filled(FormValues values) {
  return {FormKind::request, std::nullopt, std::move(values)};
}

TEST_CASE("the request form opens as a search, with nothing fetched") {
  const Form form = request_form(FormValues{});
  CHECK(form.kind == FormKind::request);
  CHECK(form.title.size() <= 24);
  CHECK(form.submit.size() <= 24);
  CHECK(field(form, "resource").kind == Field::Kind::search);
  CHECK(field(form, "resource").change == Field::Change::reshapes);
  CHECK(field(form, "resource").choices.empty());
  CHECK(find(form, "role") == nullptr);
  CHECK(field(form, "duration").initial == "1h");
  CHECK(field(form, "reason").need == Field::Need::optional);
  CHECK(field(form, "ticket").need == Field::Need::optional);
  CHECK(field(form, "for_user").kind == Field::Kind::person);
  CHECK(field(form, "for_user").need == Field::Need::optional);
}

TEST_CASE("a chosen resource shows its roles, the rule's limits, and all that was typed") {
  const Catalog catalog;
  const FormValues typed{
      {"resource", "staging"}, {"reason", "INC-7 the queue"}, {"ticket", "OPS-1"}, {"for_user", "U0BOB"}};
  const Form form = request_form(catalog.both(), typed);
  const Field& role = field(form, "role");
  CHECK(role.kind == Field::Kind::choice);
  CHECK(role.change == Field::Change::reshapes);
  REQUIRE(role.choices.size() == 2);
  CHECK(role.choices[0].label == "admin — may write");
  CHECK(role.initial == "viewer");  // the resource's default
  CHECK(field(form, "resource").choices.front().label == "staging — Staging cluster");
  CHECK(field(form, "duration").initial == "30m");
  CHECK(field(form, "duration").hint.starts_with("At most 30m"));
  CHECK(field(form, "reason").need == Field::Need::optional);
  CHECK(field(form, "reason").initial == "INC-7 the queue");
  CHECK(field(form, "ticket").initial == "OPS-1");
  CHECK(field(form, "for_user").initial == "U0BOB");
  REQUIRE(form.intro.size() == 1);
  CHECK(to_plain_text(form.intro[0]) == "staging : viewer · rule look · approved without asking");
}

TEST_CASE("another role brings the limits of its own rule") {
  const Catalog catalog;
  const Form form =
      request_form(catalog.both(), {{"resource", "staging"}, {"role", "admin"}, {"duration", "3h"}});
  CHECK(field(form, "role").initial == "admin");
  CHECK(field(form, "duration").initial == "3h");
  CHECK(field(form, "duration").hint.starts_with("At most 4h"));
  CHECK(field(form, "reason").need == Field::Need::required);
  CHECK(field(form, "reason").min_length == 10);
  CHECK(field(form, "reason").hint == "At least 10 characters: name the incident");
  CHECK(to_plain_text(form.intro[0]) == "staging : admin · rule write · needs owners (1 of group:sre)");
}

TEST_CASE("one role needs no choice, and without a default none is made for anybody") {
  Catalog catalog;
  Offer one = catalog.both();
  one.roles.pop_back();
  const Form form = request_form(one, {{"resource", "staging"}});
  CHECK(find(form, "role") == nullptr);
  CHECK(to_plain_text(form.intro[0]).starts_with("staging : admin"));
  catalog.resource.default_role.clear();
  const Form open = request_form(catalog.both(), {{"resource", "staging"}, {"role", "of another"}});
  CHECK(field(open, "role").initial.empty());
  CHECK(open.intro.empty());
  CHECK(chosen_role(catalog.both(), "") == nullptr);
}

TEST_CASE("more roles than a menu holds are typed") {
  Catalog catalog;
  Offer many{&catalog.resource, {}};
  many.roles.assign(101, {&catalog.resource.roles.at("viewer"), &catalog.look});
  CHECK(field(request_form(many, {}), "role").kind == Field::Kind::text);
}

TEST_CASE("a resource that is not to be had says so in the form, and keeps what was typed") {
  const Form form = request_form(Error{ErrorKind::not_found, "I know no resource \"x\" for you", {}},
                                 {{"resource", "x"}, {"reason", "because"}});
  CHECK(to_plain_text(form.intro.at(0)) == "I know no resource \"x\" for you");
  CHECK(field(form, "reason").initial == "because");
}

TEST_CASE("a resource named without a duration opens the form with it") {
  CHECK(words_of_form("request staging") == FormValues{{"resource", "staging"}});
  CHECK(words_of_form("  REQUEST\u00A0staging:admin ") ==
        FormValues{{"resource", "staging"}, {"role", "admin"}});
  const Form form = request_form(*words_of_form("request staging:admin"));
  CHECK(field(form, "resource").initial == "staging");
  CHECK(field(form, "role").initial == "admin");
  for (const char* words : {"", "request", "request staging 1h", "request 1h", "ensure staging", "staging",
                            "request --dry-run", "request staging because", "request :"}) {
    INFO(words);
    CHECK_FALSE(words_of_form(words));
  }
}

TEST_CASE("everything typed into the form is asked") {
  const Submitted form = filled({{"resource", "staging"},
                                 {"role", "admin"},
                                 {"duration", " 1 hour "},
                                 {"reason", " INC-7\n look "},
                                 {"ticket", " OPS-1 "},
                                 {"for_user", "U0BOB"}});
  CHECK(request_form_problems(form).empty());
  const AskIntent ask = ask_of(form);
  CHECK(ask.resource == "staging");
  CHECK(ask.role == "admin");
  CHECK(ask.duration == 1h);
  CHECK(ask.reason == "INC-7\nlook");
  CHECK(ask.ticket == "OPS-1");
  CHECK(ask.for_user == "U0BOB");
  CHECK(ask_of(filled({{"resource", "staging:viewer"}, {"duration", "1h"}})).role == "viewer");
}

TEST_CASE("each wrong field of the request form is told at its place") {
  const auto problems = request_form_problems(
      filled({{"duration", "soon"}, {"reason", std::string(501, 'x')}, {"ticket", std::string(101, 't')}}));
  std::vector<std::string> fields;
  for (const auto& problem : problems) fields.push_back(problem.field);
  CHECK(fields == std::vector<std::string>{"resource", "duration", "reason", "ticket"});
}

}  // namespace
}  // namespace jitbot
