//! The pending-event set by size, in the hold model: take the first event, schedule another; run with
//! `cargo bench --bench event_list`. The standard binary heap of the same keys stands beside it.

use divan::Bencher;
use divan::counter::ItemsCount;
use slotwise::engine::EventList;
use slotwise::random::{Purpose, Stream, StreamKey};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const SIZES: [usize; 7] = [16, 64, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const HOLDS: u64 = 200_000;

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn open_root_4_ary_heap(bencher: Bencher, size: usize) {
    let mut random = stream();
    let mut list = EventList::default();
    for _ in 0..size {
        list.push(gap(&mut random));
    }
    bencher.counter(ItemsCount::new(HOLDS)).bench_local(|| {
        for _ in 0..HOLDS {
            if let Some(first) = list.pop() {
                list.push(first + gap(&mut random));
            }
        }
    });
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn standard_binary_heap(bencher: Bencher, size: usize) {
    let mut random = stream();
    let mut heap: BinaryHeap<Reverse<u128>> =
        (0..size).map(|_| Reverse(gap(&mut random))).collect();
    bencher.counter(ItemsCount::new(HOLDS)).bench_local(|| {
        for _ in 0..HOLDS {
            if let Some(Reverse(first)) = heap.pop() {
                heap.push(Reverse(first + gap(&mut random)));
            }
        }
    });
}

fn stream() -> Stream {
    StreamKey::root(1, 0).stream(Purpose::Duration)
}

/// An exponential gap, in the high bits where keys hold the time.
fn gap(random: &mut Stream) -> u128 {
    ((-libm::log(random.next_open()) * 1e9) as u128) << 74
}
