#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

// One event loop owns the sockets and all in-memory state. A Task runs on it; blocking work goes to an
// executor of its own behind `co_await` and comes back by value. Rules for coroutines: parameters by value,
// no captures, no braces, `?:` or class-type default arguments inside a co_await expression.
namespace jitbot {

template <class T>
using Task = boost::asio::awaitable<T, boost::asio::any_io_executor>;

using Executor = boost::asio::any_io_executor;

}  // namespace jitbot
