#pragma once

#include <span>
#include <string_view>

// A state machine is a table: one row per (state, event, circumstance). What has no row changes nothing.
namespace jitbot {

template <class State, class Event, class Case>
struct Row {
  State from;
  Event event;
  Case when;
  State to;
  std::string_view audit;  // the action of the audit event; empty: none is written
};

template <class State, class Event, class Case>
const Row<State, Event, Case>* find_row(std::span<const Row<State, Event, Case>> table, State from,
                                        Event event, Case when) {
  for (const auto& row : table) {
    if (row.from == from && row.event == event && row.when == when) return &row;
  }
  return nullptr;
}

}  // namespace jitbot
