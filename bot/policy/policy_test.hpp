#pragma once

#include "bot/model/person.hpp"
#include "bot/model/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

// A test that a policy carries: run before it becomes active, and by `jitbot policy test`.
namespace jitbot {

struct SourceMark {
  std::string file;
  int line = 0;    // from 1; 0: it is about the whole file or folder
  int column = 0;  // from 1
};

// The moment of a test that names none: a Monday, noon in UTC.
inline constexpr Time k_test_now = Time{std::chrono::seconds{1767614400}};  // 2026-01-05T12:00:00Z

// Somebody of a test: everything that a directory would say of him.
struct TestPerson {
  std::string email;    // lower case; empty where the policy knows him by his account alone
  std::string account;  // "slack:U0001", where the policy names him by it
  std::string name;
  bool guest = false;
  bool bot = false;
  bool external = false;
  std::string timezone;
  Activity activity;
};

struct PolicyTest {
  std::string name;
  SourceMark where;

  // given
  TestPerson requester;               // whom it is for
  std::optional<TestPerson> asker;    // whoever asks for him; none: he himself
  std::vector<TestPerson> approvers;  // of whom a directory says more than an e-mail
  std::string resource;
  std::string role;  // empty: the resource's default
  Millis duration{1h};
  std::string reason;
  std::string ticket;
  bool extension = false;
  Time now = k_test_now;
  std::optional<Time> start;
  // E-mails (or accounts) in live groups, and what catalogs list; what is not here is not known.
  std::map<std::string, std::set<std::string>> groups;
  std::map<std::string, std::set<std::string>> catalogs;
  std::optional<AskedIn> channel;

  // expect; what is not named is not looked at
  enum class Decision { approved, pending, denied };
  std::optional<Decision> decision;
  std::optional<std::string> rule;
  std::optional<std::string> message;  // part of what whoever is denied is told
  std::optional<std::vector<std::string>> steps;
  // Everybody who may vote on one of the steps: e-mails, or accounts that have none here.
  std::optional<std::set<std::string>> may_vote;
};

}  // namespace jitbot
