#include "bot/app/cli.hpp"
#include "bot/policy/cel/eval_line.hpp"

#include <iostream>
#include <string>

namespace jitbot::cli {

int policy_eval() {
  std::string line;
  while (std::getline(std::cin, line)) {
    // Flushed line by line: whoever asks through a pipe waits for each answer.
    std::cout << cel::answer_line(line) << "\n" << std::flush;
  }
  return std::cout ? k_fine : k_failed;
}

}  // namespace jitbot::cli
