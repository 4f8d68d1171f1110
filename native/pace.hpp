// Whether a team is quicker than one thread: measured again and again, not assumed.
//
// It depends on what else runs and on how far apart two processors happen to lie. Since
// the bits do not depend on who works, a run may change its mind at any step.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace pellucid {

class Pace {
  public:
    // Called before the first step of a run: the time since the last one does not
    // count.
    void resume() { last_ = Clock::now(); }

    // Called before each step: whether it is to be done together.
    bool together() {
        const auto now = Clock::now();
        if (seen_ > 0) {
            const double spent = std::chrono::duration<double>(now - last_).count();
            spent_[trying_ == 1] += spent;
        }
        last_ = now;
        if (seen_++ < (trying_ < 2 ? tried_steps : held_))
            return trying_ == 2 ? together_ : trying_ == 1;
        next();
        return trying_ == 2 ? together_ : trying_ == 1;
    }

  private:
    using Clock = std::chrono::steady_clock;

    // Few against the steps between two trials, so that trying costs about a per cent.
    static constexpr size_t tried_steps = 6, least_held = 400, most_held = 6400;

    void next() {
        seen_ = 1;
        trying_ = trying_ == 2 ? 0 : trying_ + 1;
        if (trying_ == 0) {
            spent_[0] = spent_[1] = 0;
        } else if (trying_ == 2) {
            together_ = spent_[1] < spent_[0];
            // A team that loses is asked less and less often.
            held_ = together_ ? least_held : std::min(2 * held_, most_held);
        }
    }

    int trying_ = 0; // 0: alone, 1: together, 2: neither, until held_ steps are done
    size_t seen_ = 0, held_ = least_held;
    double spent_[2] = {0, 0};
    bool together_ = true;
    Clock::time_point last_{};
};

} // namespace pellucid
