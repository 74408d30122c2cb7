//! The runs that are alive, in places that are used again: memory follows what is alive.

use super::arrivals::Arrivals;
use super::task::Task;
use crate::airflow::places::{Places, make_room};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};
use crate::trace::{RunWait, SchedulingWait, WaitParts};

/// Runs, each with a block of instances in the order of its DAG's tasks.
#[derive(Debug, Default)]
pub(super) struct LiveRuns {
    pub(super) runs: Vec<Run>,
    pub(super) instances: Vec<Instance>,
    /// What instances waited for: few wait at one time.
    pub(super) waits: Places<WaitParts>,
    created: u64,
}

/// What is known of a run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) dag: u32,
    pub(super) first_task: u32,
    pub(super) first_instance: u32,
    pub(super) tasks: u32,
    /// Instances that have not ended.
    pub(super) unfinished: u32,
    /// The latest of those that have become ready since it was examined; [`NONE`] without any.
    latest_ready: u32,
    /// Whether it has been created and has not ended.
    pub(super) lives: bool,
    /// Whether something is ready, or all has ended, since a loop last examined it.
    pub(super) changed: bool,
    pub(super) sequence: u64,
    pub(super) created_at: SimTime,
    pub(super) started_at: SimTime,
    pub(super) wait: RunWait,
}

/// Where an instance is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// So many upstream instances have not ended.
    Blocked(u32),
    /// No loop has examined it; and the place of the one of its run that became ready before it.
    Ready(u32),
    Scheduled,
    Running,
    Ended,
}

/// What is known of an instance; what few of them have is kept elsewhere, for most of the memory is made of these.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) run: u32,
    /// Where what its clocks showed is kept, and after that the parts of its wait; [`NONE`] if it did not have to wait
    /// beyond the loop that scheduled it.
    pub(super) wait: u32,
    pub(super) state: State,
    /// How long it will run.
    pub(super) duration: SimDuration,
    /// When it became ready: when the last upstream instance ended; `MIN` without any, until it is scheduled.
    pub(super) ready_at: SimTime,
    /// The first loop that could have scheduled it; before that is known, a loop that came too early for it.
    pub(super) first_loop: SimTime,
    pub(super) scheduled_at: SimTime,
    pub(super) started_at: SimTime,
}

/// No place.
pub(super) const NONE: u32 = u32::MAX;

impl LiveRuns {
    /// Gives a new run a place.
    #[inline]
    pub(super) fn create(
        &mut self,
        dag: u32,
        arrivals: &mut Arrivals<'_>,
        tasks: &[Task<'_>],
        (key, size): (StreamKey, f64),
        now: SimTime,
    ) -> u32 {
        let id = match arrivals.free.pop() {
            Some(id) => id,
            None => self.add_place(dag, arrivals),
        };
        self.created += 1;
        let run = &mut self.runs[id as usize];
        run.unfinished = run.tasks;
        run.lives = true;
        run.sequence = self.created;
        run.created_at = now;
        run.started_at = SimTime::MIN;
        run.wait = RunWait::default();
        let rows = run.first_instance as usize..(run.first_instance + run.tasks) as usize;
        let tasks = &tasks[run.first_task as usize..(run.first_task + run.tasks) as usize];
        // All durations are drawn at once, whenever they are needed: side by side draws overlap, where each alone would
        // hold up the loop that starts its instance.
        for (instance, task) in self.instances[rows].iter_mut().zip(tasks) {
            instance.state = State::Blocked(task.upstream);
            instance.ready_at = SimTime::MIN;
            instance.wait = NONE;
            instance.duration = task.draw_duration(key, size);
        }
        id
    }

    #[inline]
    pub(super) fn run(&mut self, id: u32) -> &mut Run {
        &mut self.runs[id as usize]
    }

    /// The task of an instance.
    #[inline]
    pub(super) fn task_of(&self, instance: u32) -> u32 {
        let run = self.instances[instance as usize].run;
        self.runs[run as usize].task_of(instance)
    }

    #[cold]
    fn add_place(&mut self, dag: u32, arrivals: &Arrivals<'_>) -> u32 {
        let id = self.runs.len() as u32;
        let first = self.instances.len();
        make_room(&mut self.runs, 1);
        self.runs.push(Run {
            dag,
            first_task: arrivals.first_task,
            first_instance: first as u32,
            tasks: arrivals.tasks,
            unfinished: 0,
            latest_ready: NONE,
            lives: false,
            changed: false,
            sequence: 0,
            created_at: SimTime::MIN,
            started_at: SimTime::MIN,
            wait: RunWait::default(),
        });
        let unborn = Instance {
            run: id,
            wait: NONE,
            state: State::Ended,
            duration: SimDuration::ZERO,
            ready_at: SimTime::MIN,
            first_loop: SimTime::MIN,
            scheduled_at: SimTime::MIN,
            started_at: SimTime::MIN,
        };
        make_room(&mut self.instances, arrivals.tasks as usize);
        let places = first + arrivals.tasks as usize;
        self.instances.resize(places, unborn);
        id
    }
}

impl Instance {
    /// What it waited for before it was scheduled.
    #[inline]
    pub(super) fn scheduling(&self) -> SchedulingWait {
        SchedulingWait::between(self.ready_at, self.first_loop, self.scheduled_at)
    }
}

impl Run {
    /// An instance, at its place, has become ready after this loop at least, and is to be looked at when the run is
    /// examined.
    #[inline]
    pub(super) fn add_ready(&mut self, at: u32, instance: &mut Instance, after_loop: SimTime) {
        instance.state = State::Ready(self.latest_ready);
        instance.first_loop = after_loop;
        self.latest_ready = at;
    }

    /// The latest of those that have become ready since this was last asked, which leads to the others; [`NONE`] without
    /// any.
    #[inline]
    pub(super) fn take_ready(&mut self) -> u32 {
        std::mem::replace(&mut self.latest_ready, NONE)
    }

    /// The place of a task's instance.
    #[inline]
    pub(super) fn instance_of(&self, task: u32) -> u32 {
        self.first_instance + (task - self.first_task)
    }

    /// The task of an instance.
    #[inline]
    pub(super) fn task_of(&self, instance: u32) -> u32 {
        self.first_task + (instance - self.first_instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airflow::plain_site::pool::Ready;

    /// An instance that waits has 56 bytes more for what its clocks showed, and 24 in the lane of its pool.
    #[test]
    fn what_lives_takes_little_memory() {
        assert_eq!(size_of::<Instance>(), 56);
        assert_eq!(size_of::<Run>(), 80);
        assert_eq!(size_of::<WaitParts>(), 56);
        assert_eq!(size_of::<Ready>(), 24);
    }
}
