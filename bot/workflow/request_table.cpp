#include "bot/workflow/request_machine.hpp"

// What can happen to a request, as data: the one function that applies it is in request_machine.cpp.
namespace jitbot {

namespace {

using S = RequestState;
using E = RequestEvent;
using C = RequestCase;

constexpr RequestRow k_table[] = {
    {S::pending, E::approve, C::counted, S::pending, "request.vote"},
    {S::pending, E::approve, C::deciding, S::approved, "request.approved"},
    {S::pending, E::approve, C::denied_now, S::denied, "request.denied"},
    {S::pending, E::approve, C::earlier_lost, S::pending, "request.vote"},
    {S::pending, E::approve, C::repeated, S::pending, ""},
    {S::pending, E::approve, C::may_not, S::pending, "request.vote_refused"},
    {S::pending, E::approve, C::fact_missing, S::pending, "request.vote_refused"},
    {S::pending, E::approve, C::stale, S::pending, "request.vote_refused"},
    {S::pending, E::approve, C::unconfirmed, S::pending, "request.vote_refused"},
    {S::pending, E::deny, C::below_threshold, S::pending, "request.vote"},
    {S::pending, E::deny, C::threshold_reached, S::denied, "request.denied"},
    {S::pending, E::deny, C::repeated, S::pending, ""},
    {S::pending, E::deny, C::no_reason, S::pending, ""},
    {S::pending, E::deny, C::may_not, S::pending, "request.vote_refused"},
    {S::pending, E::deny, C::fact_missing, S::pending, "request.vote_refused"},
    {S::pending, E::deny, C::stale, S::pending, "request.vote_refused"},
    {S::pending, E::withdraw, C::has_vote, S::pending, "request.vote_withdrawn"},
    {S::pending, E::withdraw, C::no_vote, S::pending, ""},
    {S::pending, E::withdraw, C::stale, S::pending, "request.vote_refused"},
    {S::pending, E::revise, C::counted, S::pending, "request.revised"},
    {S::pending, E::revise, C::deciding, S::approved, "request.approved"},
    {S::pending, E::revise, C::unfit, S::pending, "request.revise_refused"},
    {S::pending, E::revise, C::no_reason, S::pending, ""},
    {S::pending, E::revise, C::unconfirmed, S::pending, "request.revise_refused"},
    {S::pending, E::revise, C::may_not, S::pending, "request.revise_refused"},
    {S::pending, E::revise, C::fact_missing, S::pending, "request.revise_refused"},
    {S::pending, E::revise, C::stale, S::pending, "request.revise_refused"},
    {S::pending, E::cancel, C::always, S::cancelled, "request.cancelled"},
    {S::pending, E::cancel, C::may_not, S::pending, "request.cancel_refused"},
    {S::pending, E::remind, C::always, S::pending, "request.reminded"},
    {S::pending, E::escalate, C::always, S::pending, "request.escalated"},
    {S::pending, E::time_out, C::always, S::timed_out, "request.timed_out"},
    {S::pending, E::beneficiary_deactivated, C::always, S::cancelled, "request.cancelled"},
    {S::approved, E::approve, C::always, S::approved, "request.vote_refused"},
    {S::approved, E::deny, C::always, S::approved, "request.vote_refused"},
    {S::approved, E::revise, C::always, S::approved, "request.revise_refused"},
    {S::approved, E::cancel, C::always, S::approved, "request.cancel_refused"},
    {S::approved, E::cancel, C::may_not, S::approved, "request.cancel_refused"},
    {S::denied, E::approve, C::always, S::denied, "request.vote_refused"},
    {S::denied, E::deny, C::always, S::denied, "request.vote_refused"},
    {S::denied, E::revise, C::always, S::denied, "request.revise_refused"},
    {S::denied, E::cancel, C::always, S::denied, "request.cancel_refused"},
    {S::denied, E::cancel, C::may_not, S::denied, "request.cancel_refused"},
    {S::cancelled, E::approve, C::always, S::cancelled, "request.vote_refused"},
    {S::cancelled, E::deny, C::always, S::cancelled, "request.vote_refused"},
    {S::cancelled, E::revise, C::always, S::cancelled, "request.revise_refused"},
    {S::cancelled, E::cancel, C::always, S::cancelled, "request.cancel_refused"},
    {S::cancelled, E::cancel, C::may_not, S::cancelled, "request.cancel_refused"},
    {S::timed_out, E::approve, C::always, S::timed_out, "request.vote_refused"},
    {S::timed_out, E::deny, C::always, S::timed_out, "request.vote_refused"},
    {S::timed_out, E::revise, C::always, S::timed_out, "request.revise_refused"},
    {S::timed_out, E::cancel, C::always, S::timed_out, "request.cancel_refused"},
    {S::timed_out, E::cancel, C::may_not, S::timed_out, "request.cancel_refused"},
};

}  // namespace

std::span<const RequestRow> request_table() {
  return k_table;
}

}  // namespace jitbot
