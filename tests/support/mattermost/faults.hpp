#pragma once

#include "bot/model/time.hpp"
#include "tests/support/mattermost/answer.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost_stand_in {

enum class Database {
  well,
  lost_cold,  // sessions were not in the cache: everything is 401
  lost_warm,  // they were: 500, 400, 403
};

// What is said instead of the true answer to the next calls of a route.
struct PlannedAnswer {
  enum class When { instead, afterwards };  // afterwards: the call takes effect
  std::string method;
  std::string route;  // "/posts/{}/patch"
  Answer answer;
  When when = When::instead;
  int times = 1;
};

struct RateLimit {
  double per_second = 10;
  int burst = 100;
};

class Faults {
 public:
  Database database = Database::well;
  Millis slowness{0};              // of every REST answer
  std::optional<RateLimit> limit;  // by token
  std::vector<PlannedAnswer> planned;

  std::optional<PlannedAnswer> take_planned(const std::string& method, const std::string& route);

  struct Admission {
    bool admitted = true;
    net::Headers headers;
  };
  Admission admit(const std::string& token, Millis now);
  void forget_admissions() { buckets_.clear(); }

 private:
  struct Bucket {
    double left = 0;
    Millis at{0};
  };
  std::map<std::string, Bucket> buckets_;
};

}  // namespace jitbot::mattermost_stand_in
