#include "bot/model/approval.hpp"

namespace jitbot {

std::string to_string(const Subject& subject) {
  switch (subject.kind) {
    case Subject::Kind::email:
    case Subject::Kind::principal:
      return subject.value;
    case Subject::Kind::group:
      return "group:" + subject.value;
    case Subject::Kind::owners:
      return "owners";
  }
  return subject.value;
}

}  // namespace jitbot
