//! Who is served, and when: tasks at their stations.

use super::agenda::Agenda;
use super::live_runs::Place;
use super::station::{Station, Waiting};
use super::task::Task;
use crate::time::{SimDuration, SimTime};
use crate::trace::{MeasurementWindow, PoolSummary, WorkSummary};

/// The tasks, their stations, and when those that are served will end.
///
/// An instance that begins is recorded right then: how long it runs is known, and so is whether the horizon cuts it off.
#[derive(Debug)]
pub(super) struct Service<'a> {
    pub(super) tasks: Vec<Task<'a>>,
    pub(super) agenda: Agenda,
    stations: Vec<Station>,
    /// Stations at which an instance may start since they were last served, latest last.
    unserved: Vec<u32>,
    window: MeasurementWindow,
}

impl<'a> Service<'a> {
    pub(super) fn new(
        tasks: Vec<Task<'a>>,
        stations: Vec<Station>,
        window: MeasurementWindow,
    ) -> Self {
        Self {
            tasks,
            agenda: Agenda::new(window.end),
            stations,
            unserved: Vec::new(),
            window,
        }
    }

    /// An instance of a run and a task is ready, alone or with others at the same moment.
    #[inline]
    pub(super) fn join(
        &mut self,
        run: u64,
        at: u32,
        (instance, duration): (Place, SimDuration),
        is_alone: bool,
        now: SimTime,
    ) {
        let task = &mut self.tasks[at as usize];
        let station = &mut self.stations[task.station as usize];
        // Among several the station decides, once all of them wait.
        if is_alone && station.begins(task.slots, now) {
            let run = (now, now + duration);
            start(task, instance, None, run, &mut self.agenda, &self.window);
            return;
        }
        let waiting = Waiting {
            since: now,
            name_rank: task.name_rank,
            run,
            instance,
            task: at,
            duration,
            full_time: station.full_time(now),
        };
        station.join(task.lane, task.slots, waiting);
        if self.unserved.last() != Some(&task.station) {
            self.unserved.push(task.station);
        }
    }

    /// An instance of a task has ended. Its station is to be served last, whatever else may start now.
    #[inline]
    pub(super) fn leave(&mut self, task: u32, now: SimTime) -> &Task<'a> {
        let task = &self.tasks[task as usize];
        self.stations[task.station as usize].leave(task.slots, now);
        task
    }

    /// Starts what fits where something has begun to wait.
    #[inline]
    pub(super) fn serve_waiting(&mut self, now: SimTime) {
        while let Some(station) = self.unserved.pop() {
            self.serve(station, now);
        }
    }

    /// Starts what fits at a station.
    #[inline]
    pub(super) fn serve(&mut self, station: u32, now: SimTime) {
        let station = &mut self.stations[station as usize];
        while let Some(next) = station.next(now) {
            let task = &mut self.tasks[next.task as usize];
            let run = (now, now + next.duration);
            let wait = Some((next.since, next.full_time));
            start(
                task,
                next.instance,
                wait,
                run,
                &mut self.agenda,
                &self.window,
            );
        }
        station.note(now);
    }

    /// What has become of the tasks and of the pools, with what still waits at the horizon.
    pub(super) fn finish(mut self) -> (Vec<WorkSummary>, Vec<PoolSummary>) {
        let window = &self.window;
        for station in &self.stations {
            let full_time = station.full_time(window.end);
            for instance in station.waiting() {
                let task = &mut self.tasks[instance.task as usize];
                let waited_for_pool = full_time - instance.full_time;
                task.work
                    .record_waiting(instance.since, waited_for_pool, task.slots, window);
            }
        }
        let work = self.tasks.into_iter().map(Task::into_work);
        let courses = self.stations.into_iter().map(|station| station.course);
        (work.collect(), courses.collect())
    }
}

/// An instance begins to run, perhaps after it has waited since some moment, for so long of it without any open slot.
#[inline]
fn start(
    task: &mut Task<'_>,
    instance: Place,
    wait: Option<(SimTime, SimDuration)>,
    run: (SimTime, SimTime),
    agenda: &mut Agenda,
    window: &MeasurementWindow,
) {
    let (now, ends_at) = run;
    if ends_at > window.end {
        let since = wait.map_or(now, |(since, _)| since);
        task.work.record_running(since, now, task.slots, window);
        return;
    }
    agenda.plan_end(ends_at, instance);
    match wait {
        None => task.work.record_served_at_once(run, task.slots, window),
        Some(wait) => task.work.record_served(wait, run, task.slots, window),
    }
}
