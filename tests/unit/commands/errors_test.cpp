#include "commands/intent.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

struct Wrong {
  std::string typed;
  std::string answer;
};

TEST_CASE("each thing that is wrong is said in one line with the nearest thing that works") {
  const auto wrong = GENERATE(values<Wrong>({
      {"aprove 7K3F", "I do not know \"aprove\"; did you mean approve? /jit help lists what I understand"},
      {"req staging 1h", "I do not know \"req\"; did you mean request? /jit help lists what I understand"},
      {"dnoe", "I do not know \"dnoe\"; did you mean done? /jit help lists what I understand"},
      {"brakeglass",
       "I do not know \"brakeglass\"; did you mean breakglass? /jit help lists what I understand"},
      {"staging 1h", "I do not know \"staging\"; /jit help lists what I understand"},
      {"\uFFF9U1\uFFFB staging", "start with a command, as in /jit request staging 1h; /jit help lists them"},
      {"help aprove", "I do not know \"aprove\"; did you mean approve? /jit help lists what I understand"},
      {"help request now", "I do not understand \"now\" here; the whole command is: /jit help [command]"},

      {"request", "what for, and for how long? For example /jit request staging 1h INC-7"},
      {"ensure", "what for, and for how long? For example /jit ensure staging 1h INC-7"},
      {"request staging", "for how long? Say it behind the resource, as in /jit request staging 1h"},
      {"ensure staging because INC-7",
       "for how long? Say it behind the resource, as in /jit ensure staging 1h"},
      {"request staging 5x INC-7",
       "\"5x\" is not a length of time I can use; try 30m, 1h30m or 2d: /jit request staging 1h"},
      {"request staging 0m",
       "\"0m\" is not a length of time I can use; try 30m, 1h30m or 2d: /jit request staging 1h"},
      {"request staging for 99999d",
       "\"99999d\" is not a length of time I can use; try 30m, 1h30m or 2d: /jit request staging 1h"},
      {"request staging 60",
       "\"60\" is not a length of time I can use; try 30m, 1h30m or 2d: /jit request staging 1h"},
      {"request 1h staging", "name the resource before the duration, as in /jit request staging 1h"},
      {"request \uFFF9U1\uFFFB 1h", "name the resource first, as in /jit request staging 1h"},
      {"request :viewer 1h", "name a resource, as in staging or staging:viewer"},
      {"request staging: 1h",
       "name a role behind \"staging:\", as in staging:viewer, or leave the colon out"},
      {"request staging until", "until when? For example until 18:00 or until tomorrow 9:00"},
      {"request staging until soon",
       "\"soon\" is not a point of time I can use; try 18:00, 6pm, tomorrow 9:00, monday 9:00 or 2026-03-01 "
       "18:00"},
      {"request staging until tomorrow",
       "\"tomorrow\" is a day; say at what time of it, as in tomorrow 9:00"},
      {"request staging until 25:00",
       "\"25:00\" is not a point of time I can use; try 18:00, 6pm, tomorrow 9:00, monday 9:00 or 2026-03-01 "
       "18:00"},
      {"request staging 1h until 18:00", "say either for how long or until when, once"},
      {"request staging until 17:00 --until 18:00", "say either for how long or until when, once"},
      {"request staging 1h --until=18:00", "say either for how long or until when, once"},
      {"request staging 1h —until", "--until needs a time, as in --until 18:00 or --until tomorrow 9:00"},
      {"request staging 1h INC-7 --tiket X", "I do not know the option \"--tiket\"; did you mean --ticket?"},
      {"request staging 1h INC-7 slow —roll admin",
       "I do not know the option \"--roll\"; did you mean --role?"},
      {"ensure staging 1h INC-7 --utnil 18:00",
       "I do not know the option \"--utnil\"; did you mean --until?"},
      {"request staging 1h --at", "--at needs a time, as in --at 18:00 or --at tomorrow 9:00"},
      {"request staging 1h --at noonish",
       "\"noonish\" is not a point of time I can use; try 18:00, 6pm, tomorrow 9:00, monday 9:00 or "
       "2026-03-01 "
       "18:00"},
      {"request staging 1h --at monday", "\"monday\" is a day; say at what time of it, as in tomorrow 9:00"},
      {"request staging --at 9:00 --at 10:00 1h", "--at stands twice; say it once"},
      {"request staging for \uFFF9U1\uFFFB",
       "for how long? Say it behind the resource, as in /jit request staging 1h"},
      {"request staging \uFFF9U1\uFFFB 1h",
       "say for whom behind the duration, as in /jit request staging 1h for @bob"},
      {"request staging 1h for @bob because INC-7",
       "I do not know \"@bob\"; choose the person from the list that opens behind the @"},
      {"request staging for @bob 1h",
       "I do not know \"@bob\"; choose the person from the list that opens behind the @"},
      {"request staging 1h --for @bob",
       "I do not know \"@bob\"; choose the person from the list that opens behind the @"},
      {"request staging 1h --for bob", "--for needs a person, as in --for @bob"},
      {"request staging 1h --for", "--for needs a person, as in --for @bob"},
      {"request staging 1h for \uFFF9U1\uFFFB --for \uFFF9U2\uFFFB",
       "two people are asked for; ask for one after the other"},
      {"request staging 1h --ticket", "--ticket needs a ticket, as in --ticket INC-7"},
      {"request staging 1h --ticket=", "--ticket needs a ticket, as in --ticket INC-7"},
      {"request staging 1h --ticket " + std::string(101, 'x'),
       "\"" + std::string(40, 'x') + "…\" is too long for a ticket"},
      {"request staging 1h --dry-run=yes", "--dry-run takes no value"},
      {"request staging 1h --dryrun INC-7", "I do not know the option \"--dryrun\"; did you mean --dry-run?"},
      {"request staging 1h INC-7 and so on --dry_run",
       "I do not know the option \"--dry_run\"; did you mean --dry-run?"},
      {"request staging 1h --tiket INC-7", "I do not know the option \"--tiket\"; did you mean --ticket?"},
      {"request staging --untill 18:00", "I do not know the option \"--untill\"; did you mean --until?"},
      {"request staging --rôle viewer", "I do not know the option \"--rôle\"; did you mean --role?"},
      {"request --xyzzy staging 1h",
       "I do not know the option \"--xyzzy\"; there are --role, --for, --at, --until, --ticket, --dry-run"},
      {"request staging 1h --role", "--role needs a role, as in --role viewer"},
      {"request staging 1h --role=", "--role needs a role, as in --role viewer"},
      {"request staging:admin 1h --role viewer", "two roles, \"admin\" and \"viewer\"; name one"},
      {"request staging 1h " + std::string(501, 'x'), "the reason has 501 characters; 500 are the most"},

      {"approve", "which one? /jit approve JIT-7K3F [comment]"},
      {"approve the request",
       "\"the\" is not an id; ids look like JIT-7K3F: /jit approve JIT-7K3F [comment]"},
      {"approve 7KUF", "\"7KUF\" is not an id; ids look like JIT-7K3F: /jit approve JIT-7K3F [comment]"},
      {"approve 7K3F.x", "\"7K3F.x\" is not an id; ids look like JIT-7K3F: /jit approve JIT-7K3F [comment]"},
      {"approve 7K3F.0", "\"7K3F.0\" is not an id; ids look like JIT-7K3F: /jit approve JIT-7K3F [comment]"},
      {"deny 7K3F", "say why: /jit deny 7K3F <reason>"},
      {"deny 7K3F \"\"", "say why: /jit deny 7K3F <reason>"},
      {"deny", "which one? /jit deny JIT-7K3F <reason>"},
      {"withdraw", "which one? /jit withdraw JIT-7K3F"},
      {"withdraw 7K3F now", "I do not understand \"now\" here; the whole command is: /jit withdraw <id>"},
      {"cancel", "which one? /jit cancel JIT-7K3F"},
      {"cancel 7K3F please", "I do not understand \"please\" here; the whole command is: /jit cancel <id>"},
      {"done sure", "\"sure\" is not an id; ids look like JIT-7K3F: /jit done JIT-7K3F"},
      {"done 7K3F thanks", "I do not understand \"thanks\" here; the whole command is: /jit done [<id>]"},
      {"revoke 7K3F", "say why: /jit revoke 7K3F <reason>"},
      {"extend", "which one? /jit extend JIT-7K3F 30m [reason]"},
      {"extend 7K3F", "by how much? /jit extend JIT-7K3F 30m [reason]"},
      {"extend 7K3F a bit", "\"a\" is not a length of time I can use: /jit extend JIT-7K3F 30m [reason]"},
      {"show", "which one? /jit show JIT-7K3F"},
      {"show 7K3F all", "I do not understand \"all\" here; the whole command is: /jit show <id>"},
      {"mine all", "I do not understand \"all\" here; the whole command is: /jit mine"},
      {"pending all", "I do not understand \"all\" here; the whole command is: /jit pending"},
      {"active @bob now", "I do not understand \"now\" here; the whole command is: /jit active [resource]"},
      {"active \uFFF9U1\uFFFB", "name a resource, not a person: /jit active [resource]"},
      {"active staging:viewer", "name the resource without its role: staging"},
      {"who", "who has what? Name the resource, as in /jit who staging"},
      {"who staging now", "I do not understand \"now\" here; the whole command is: /jit who <resource>"},
      {"hystory", "I do not know \"hystory\"; did you mean history? /jit help lists what I understand"},
      {"ressources",
       "I do not know \"ressources\"; did you mean resources? /jit help lists what I understand"},
      {"history @bob", "I do not know \"@bob\"; choose the person from the list that opens behind the @"},
      {"history --since", "since when? For example --since 7d"},
      {"history --since yesterday",
       "\"yesterday\" is not a length of time I can use; try --since 24h or --since 7d"},
      {"history --sinec 7d", "I do not know the option \"--sinec\"; did you mean --since?"},
      {"history --all", "I do not know the option \"--all\"; there is --since, as in --since 7d"},
      {"history staging prod",
       "I do not understand \"prod\" here; the whole command is: /jit history [@user|resource] [--since 7d]"},
      {"explain", "explain what? For example /jit explain staging:viewer 2h"},
      {"explain staging soon", "\"soon\" is not a length of time I can use; try 30m, 1h30m or 2d"},
      {"explain staging 1h now",
       "I do not understand \"now\" here; the whole command is: /jit explain <resource>[:<role>] [duration]"},
      {"status all", "I do not understand \"all\" here; the whole command is: /jit status"},
      {"debt pay", "debt does not know \"pay\"; there is /jit debt, and /jit debt abandon 12 <reason>"},
      {"debt abandon", "which one? /jit debt lists them: /jit debt abandon 12 <reason>"},
      {"debt abandon 0 x",
       "\"0\" is not the number of an entitlement; /jit debt lists them: /jit debt abandon 12 <reason>"},
      {"debt abandon 9999999999999999999 x",
       "\"9999999999999999999\" is not the number of an entitlement; /jit debt lists them: /jit debt abandon "
       "12 <reason>"},
      {"debt abandon 12", "say why: /jit debt abandon 12 <reason>"},
      {std::string(8001, 'x'), "that is too long for a command; /jit help shows how to say it shorter"},
  }));
  const auto intent = parse_command(wrong.typed);
  INFO(wrong.typed);
  REQUIRE_FALSE(intent);
  CHECK(intent.error().kind == ErrorKind::invalid);
  CHECK(intent.error().message == wrong.answer);
}

TEST_CASE("the words that come later are known") {
  const auto word = GENERATE(as<std::string>{}, "breakglass", "run", "oncall", "incident", "audit");
  const auto intent = parse_command(word + " prod-db 1h fire");
  REQUIRE_FALSE(intent);
  CHECK(intent.error().message == word + " comes in a later version; /jit help lists what I understand now");
}

TEST_CASE("what was typed is echoed short, on one line and without anything unseen") {
  const auto answer = [](const std::string& typed) { return parse_command(typed).error().message; };
  CHECK(answer("show " + std::string(200, 'x')) ==
        "\"" + std::string(40, 'x') + "…\" is not an id; ids look like JIT-7K3F: /jit show JIT-7K3F");
  CHECK(answer("show \"a\n\x01 b\u202E\"") ==
        "\"a b\" is not an id; ids look like JIT-7K3F: /jit show JIT-7K3F");
  // A quote inside would end the echo and let the rest pass for our own words.
  CHECK(answer("show x\"approved") ==
        "\"x'approved\" is not an id; ids look like JIT-7K3F: /jit show JIT-7K3F");
}

}  // namespace
}  // namespace jitbot
