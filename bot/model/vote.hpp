#pragma once

#include "bot/model/ids.hpp"
#include "bot/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace jitbot {

struct Request;

// One per person and request, changeable until decided; each change is audited.
enum class VoteKind { approve, deny, withdrawn };

struct Vote {
  RequestId request;
  PrincipalId voter;
  VoteKind kind = VoteKind::approve;
  int step = 0;        // index of the step this approval counts for; -1 for a deny or a withdrawn vote
  std::string reason;  // required for a deny
  std::string digest;  // the digest the voter saw
  Time at;
  bool voided = false;  // the voter lost the right before the decision
  bool operator==(const Vote&) const = default;

  // Whether it stands for the request as it is now. A vote for an earlier revision is shown and counts for
  // nothing: nobody decides on terms that he did not see.
  bool stands_for(const Request& of) const;
  bool approves(const Request& of) const;
  bool denies(const Request& of) const;
};

std::string_view to_string(VoteKind kind);
std::optional<VoteKind> parse_vote_kind(std::string_view text);

}  // namespace jitbot
