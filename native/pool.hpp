// Threads for steps of a few microseconds.
//
// A Team is borrowed from the process's one pool for the length of a run. Between two
// phases its members spin for some microseconds, then yield, then sleep; between two
// runs they sleep. Pieces of a phase are claimed one by one, each member beginning with
// its own share, so that a member that the system has taken off its processor holds up
// nobody but the piece it is in. Who does a piece never changes what is computed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

namespace pellucid {

class Worker; // a thread of the pool

class Team {
  public:
    // Borrows up to `wanted` - 1 workers that nobody else uses at the moment.
    explicit Team(size_t wanted);
    ~Team();
    Team(const Team &) = delete;
    Team &operator=(const Team &) = delete;

    // Members, the caller among them.
    size_t size() const { return workers_.size() + 1; }

    // Calls f(piece, member) for all pieces, each once, and returns when all are done.
    // Where f throws, the others go on; then one of the errors is thrown on.
    template <class F> void each(size_t pieces, const F &f) {
        if (workers_.empty() || pieces < 2) {
            for (size_t piece = 0; piece < pieces; ++piece)
                f(piece, size_t(0));
            return;
        }
        run(
            pieces,
            [](const void *context, size_t piece, size_t member) {
                (*static_cast<const F *>(context))(piece, member);
            },
            &f);
    }

  private:
    friend class Worker;
    using Work = void (*)(const void *context, size_t piece, size_t member);

    // A member's share of a phase: pieces [next, end) of that phase are not yet taken.
    // One word, so that a late member can't take a piece of a phase that is over.
    struct alignas(128) Share {
        std::atomic<uint64_t> word{0}; // phase << 32 | end << 16 | next
    };

    void run(size_t pieces, Work work, const void *context);
    void run_phase(size_t pieces);
    void take_part(size_t member);
    void wait(size_t pieces);

    std::vector<Worker *> workers_;
    std::unique_ptr<Share[]> shares_;
    alignas(128) std::atomic<uint32_t> phase_{0};
    alignas(128) std::atomic<size_t> done_{0};
    Work work_ = nullptr;
    const void *context_ = nullptr;
    size_t first_ = 0; // piece of the phase
    std::mutex failing_;
    std::exception_ptr failed_; // by f, in any member
};

} // namespace pellucid
