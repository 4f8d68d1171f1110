#include "pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#if defined(__unix__) || defined(__APPLE__)
#include <csignal>
#include <unistd.h>
#define PELLUCID_UNIX
#endif

namespace pellucid {
namespace {

// How long to wait before giving the processor away: about 20 us of pauses, which is a
// few steps; then yields, for as long as a step of a large network may take.
constexpr int pauses = 1000, yields = 2000;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

long process() {
#if defined(PELLUCID_UNIX)
    return long(getpid());
#else
    return 0;
#endif
}

// More than a share's word can tell are done in several phases.
constexpr size_t most_pieces = 0xffff;

constexpr uint64_t word_of(uint32_t phase, size_t end, size_t next) {
    return uint64_t(phase) << 32 | uint64_t(end) << 16 | uint64_t(next);
}

// While it lives, threads that are begun get no signals.
class NoSignals {
#if defined(PELLUCID_UNIX)
  public:
    NoSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
#endif
};

} // namespace

class Worker {
  public:
    Worker() {
        const NoSignals none; // they are for the threads of the program
        std::thread([this] { live(); }).detach();
    }

    void join_team(Team *team, size_t member) {
        std::lock_guard lock(mutex_);
        team_ = team;
        member_ = member;
        seen_ = 0;
        leaving_.store(false, std::memory_order_relaxed);
        wake_.notify_one();
    }

    // Returns when the worker no longer looks at the team.
    void leave_team() {
        leaving_.store(true, std::memory_order_release);
        wake();
        std::unique_lock lock(mutex_);
        left_.wait(lock, [this] { return team_ == nullptr; });
    }

    // After a new phase: only if it has gone to sleep.
    void wake() {
        if (asleep_.load(std::memory_order_seq_cst)) {
            std::lock_guard lock(mutex_);
            wake_.notify_one();
        }
    }

    bool busy = false; // guarded by the pool

  private:
    void live() {
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return team_ != nullptr; });
            }
            serve(*team_);
            std::lock_guard lock(mutex_);
            team_ = nullptr;
            left_.notify_one();
        }
    }

    void serve(Team &team) {
        for (int idle = 0; !leaving_.load(std::memory_order_acquire);) {
            const uint32_t phase = team.phase_.load(std::memory_order_acquire);
            if (phase != seen_) {
                seen_ = phase;
                team.take_part(member_);
                idle = 0;
            } else if (++idle < pauses) {
                relax();
            } else if (idle < pauses + yields) {
                std::this_thread::yield();
            } else {
                sleep(team);
                idle = 0;
            }
        }
    }

    void sleep(Team &team) {
        std::unique_lock lock(mutex_);
        asleep_.store(true, std::memory_order_seq_cst);
        wake_.wait(lock, [&] {
            return leaving_.load(std::memory_order_acquire) ||
                   team.phase_.load(std::memory_order_seq_cst) != seen_;
        });
        asleep_.store(false, std::memory_order_relaxed);
    }

    std::mutex mutex_;
    std::condition_variable wake_, left_;
    Team *team_ = nullptr;
    size_t member_ = 0;
    uint32_t seen_ = 0;
    std::atomic<bool> leaving_{false}, asleep_{false};
};

namespace {

// The workers of this process. They are never taken down: at exit they sleep.
class Pool {
  public:
    // After fork() the child has none of the threads; it begins anew.
    // Without a lock, which the child could find held by a thread that it lacks.
    static Pool &shared() {
        static std::atomic<Pool *> current{nullptr};
        Pool *pool = current.load(std::memory_order_acquire);
        if (pool && pool->process_ == process())
            return *pool;
        auto fresh = std::make_unique<Pool>();
        if (current.compare_exchange_strong(pool, fresh.get()))
            return *fresh.release();
        return *pool;
    }

    // Up to so many; fewer where the system has no more threads to give.
    std::vector<Worker *> borrow(size_t count) {
        std::lock_guard lock(mutex_);
        std::vector<Worker *> found;
        found.reserve(count);
        workers_.reserve(count); // once its thread lives, a worker must not be lost
        for (auto &worker : workers_)
            if (found.size() < count && !worker->busy)
                found.push_back(worker.get());
        try {
            while (found.size() < count && workers_.size() < count) {
                workers_.push_back(std::make_unique<Worker>());
                found.push_back(workers_.back().get());
            }
        } catch (const std::exception &) {
        }
        for (Worker *worker : found)
            worker->busy = true;
        return found;
    }

    void give_back(const std::vector<Worker *> &workers) {
        std::lock_guard lock(mutex_);
        for (Worker *worker : workers)
            worker->busy = false;
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> workers_;
    long process_ = process();
};

} // namespace

Team::Team(size_t wanted) {
    if (wanted < 2)
        return;
    try {
        shares_ = std::make_unique<Share[]>(wanted);
        workers_ = Pool::shared().borrow(wanted - 1); // last: it can't fail once it has
    } catch (const std::exception &) {
        // No memory for a team: the caller does it all.
    }
    for (size_t i = 0; i < workers_.size(); ++i)
        workers_[i]->join_team(this, i + 1);
}

Team::~Team() {
    for (Worker *worker : workers_)
        worker->leave_team();
    if (!workers_.empty())
        Pool::shared().give_back(workers_);
}

void Team::run(size_t pieces, Work work, const void *context) {
    work_ = work;
    context_ = context;
    for (first_ = 0; first_ < pieces; first_ += most_pieces)
        run_phase(std::min(most_pieces, pieces - first_));
    if (failed_)
        std::rethrow_exception(std::exchange(failed_, nullptr));
}

void Team::run_phase(size_t pieces) {
    done_.store(0, std::memory_order_relaxed);
    const uint32_t phase = phase_.load(std::memory_order_relaxed) + 1;
    for (size_t member = 0; member < size(); ++member)
        shares_[member].word.store(
            word_of(phase, (member + 1) * pieces / size(), member * pieces / size()),
            std::memory_order_release);
    phase_.store(phase, std::memory_order_seq_cst);
    for (Worker *worker : workers_)
        worker->wake();
    take_part(0);
    wait(pieces);
}

// Takes pieces until none is left: its own first, then those of the others.
void Team::take_part(size_t member) {
    size_t taken = 0;
    for (size_t i = 0; i < size(); ++i) {
        std::atomic<uint64_t> &share = shares_[(member + i) % size()].word;
        uint64_t word = share.load(std::memory_order_acquire);
        while ((word & 0xffff) < (word >> 16 & 0xffff)) {
            if (!share.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel))
                continue;
            try {
                work_(context_, first_ + (word & 0xffff), member);
            } catch (...) { // such as no memory left
                std::lock_guard lock(failing_);
                failed_ = std::current_exception();
            }
            ++taken;
            word = share.load(std::memory_order_acquire);
        }
    }
    done_.fetch_add(taken, std::memory_order_release);
}

void Team::wait(size_t pieces) {
    int waited = 0;
    for (; done_.load(std::memory_order_acquire) < pieces; ++waited)
        if (waited < pauses)
            relax();
        else
            std::this_thread::yield();
}

} // namespace pellucid
