#include "adapters/net/frame_counter.hpp"

#include "tests/unit/net/raw_peer.hpp"

#include <catch2/catch.hpp>

using jitbot::net::FrameCounter;
using jitbot::testing::encode;
using jitbot::testing::Frame;

TEST_CASE("frames are counted however the bytes are cut", "[net][websocket]") {
  const std::string bytes =
      encode(Frame{1, false, false, "hel"}) + encode(Frame{9, true, false, ""}) +
      encode(Frame{0, true, false, "lo"}) + encode(Frame{1, true, true, std::string(200, 'x')}) +
      encode(Frame{2, true, false, std::string(70'000, 'y')}) + encode(Frame{10, true, true, ""});
  const std::size_t piece = GENERATE(1U, 2U, 3U, 7U, 1000U, 100'000U);
  CAPTURE(piece);
  FrameCounter counter;
  counter.start();
  std::string_view left = bytes;
  while (!left.empty()) {
    counter.feed(left.substr(0, piece));
    left.remove_prefix(std::min(piece, left.size()));
  }
  CHECK(counter.count() == 6);
}

TEST_CASE("a frame counts when it is whole", "[net][websocket]") {
  FrameCounter counter;
  counter.start();
  const std::string bytes = encode(Frame{1, true, false, "hello"});
  counter.feed(bytes.substr(0, bytes.size() - 1));
  CHECK(counter.count() == 0);
  counter.feed("o");
  CHECK(counter.count() == 1);
}

TEST_CASE("the HTTP answer before the frames is no frame", "[net][websocket]") {
  FrameCounter counter;
  counter.start_after_http_head();
  counter.feed("HTTP/1.1 101 Switching Protocols\r\nA: b\r");
  counter.feed("\n\r");
  counter.feed("\n" + encode(Frame{9, true, false, "p"}));
  CHECK(counter.count() == 1);
}

TEST_CASE("bytes before a start are not looked at", "[net][websocket]") {
  FrameCounter counter;
  counter.feed(encode(Frame{1, true, false, "GET"}));
  CHECK(counter.count() == 0);
}
