#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace jitbot;

namespace {

const std::vector<Subject> k_engineering = {{Subject::Kind::group, "engineering"}};
const std::vector<Subject> k_sre = {{Subject::Kind::group, "sre"}};

}  // namespace

TEST_CASE("people are members by their name in policies, or by their account", "[policy][members]") {
  const Policy policy = sample::company();
  struct Row {
    std::string name;
    Person person;
    bool member;
  };
  Person bob = sample::person("U0BOB", "BOB@example.com");
  std::vector<Row> rows = {{"e-mail", bob, true},
                           {"account", sample::person("U0CONTRACT", ""), true},
                           {"another account", sample::person("U0CONTRAC", ""), false},
                           {"no e-mail", sample::person("U0BOB", ""), false}};
  Person unconfirmed = bob;
  unconfirmed.email_confirmed = false;
  rows.push_back({"an unconfirmed e-mail is no name", unconfirmed, false});
  Person guest = bob;
  guest.guest = true;
  rows.push_back({"a guest has no name in policies", guest, false});
  for (bool Person::* flag : {&Person::deactivated, &Person::bot, &Person::outsider}) {
    Person listed = sample::person("U0CONTRACT", "bob@example.com");
    listed.*flag = true;
    rows.push_back({"whoever left, is a program or an outsider is nobody", listed, false});
  }
  Person elsewhere = sample::person("U0CONTRACT", "");
  elsewhere.id.workspace = "mattermost:main";
  rows.push_back({"an account of another platform", elsewhere, false});
  for (const Row& row : rows) {
    INFO(row.name);
    const auto member = is_one_of(policy, k_engineering, row.person, {});
    REQUIRE(member);
    CHECK(*member == row.member);
  }
}

TEST_CASE("a live group is asked, and only where nothing else makes it true", "[policy][members]") {
  const Policy policy = sample::company();
  const Person erin = sample::person("U0ERIN", "erin@example.com");
  CHECK(is_one_of(policy, k_sre, erin, sample::with_sre({erin.id})).value());
  CHECK_FALSE(is_one_of(policy, k_sre, erin, sample::with_sre({})).value());
  CHECK(is_one_of(policy, k_sre, erin, {}).error().kind == ErrorKind::unavailable);

  const std::vector<Subject> either = {{Subject::Kind::group, "sre"},
                                       {Subject::Kind::email, "erin@example.com"}};
  CHECK(is_one_of(policy, either, erin, {}).value());
  CHECK_FALSE(is_one_of(policy, either, sample::person("U1", "x@example.com"), {}).has_value());
}

TEST_CASE("everybody whom subjects name is known as far as it can be", "[policy][members]") {
  const Policy policy = sample::company();
  Facts facts = sample::with_sre({{"slack:T0001", "U0ERIN"}});
  const Person contractor = sample::person("U0CONTRACT", "");
  facts.people.emplace(contractor.id, contractor);

  auto subjects = k_engineering;
  subjects.push_back(k_sre.front());
  const auto people = people_of(policy, subjects, facts);
  REQUIRE(people);
  CHECK(people->emails == std::set<std::string>{"alice@example.com", "bob@example.com"});
  CHECK(people->accounts == std::set<PrincipalId>{{"slack:T0001", "U0CONTRACT"}, {"slack:T0001", "U0ERIN"}});
  CHECK(people_of(policy, subjects, {}).error().kind == ErrorKind::unavailable);
}

TEST_CASE("adding somebody to the subjects never takes membership away", "[policy][members]") {
  const Policy policy = sample::company();
  const std::vector<Subject> pool = {
      {Subject::Kind::group, "engineering"},  {Subject::Kind::group, "security"},
      {Subject::Kind::group, "sre"},          {Subject::Kind::email, "erin@example.com"},
      {Subject::Kind::principal, "slack:U7"}, {Subject::Kind::email, "z@example.com"}};
  const std::vector<Person> crowd = {sample::person("U0ERIN", "erin@example.com"), sample::person("U7", ""),
                                     sample::person("U8", "sam@example.com"),
                                     sample::person("U9", "q@example.com")};
  const Facts facts = sample::with_sre({{"slack:T0001", "U9"}});
  std::mt19937 random{11};  // NOLINT: a fixed seed makes the property repeatable
  for (int i = 0; i < 300; ++i) {
    std::vector<Subject> some;
    for (const Subject& subject : pool) {
      if (random() % 2 == 0) some.push_back(subject);
    }
    std::vector<Subject> more = some;
    more.push_back(pool[random() % pool.size()]);
    for (const Person& person : crowd) {
      if (is_one_of(policy, some, person, facts).value())
        CHECK(is_one_of(policy, more, person, facts).value());
    }
  }
}
