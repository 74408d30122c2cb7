//! Clearing: an ended run begins anew in its old rows (docs/background/scheduler.md, 3).

use crate::airflow::instances::instance::TaskInstance;
use crate::airflow::plan::Plan;
use crate::airflow::runs::dag_run::DagRuns;
use crate::airflow::world::World;
use crate::ids::RunId;
use crate::time::SimTime;
use crate::trace::Recorder;

impl<R: Recorder> World<R> {
    /// Lets an ended run begin anew.
    pub(crate) fn clear(&mut self, id: RunId, now: SimTime) -> RunId {
        if !self.awaits.is_empty() {
            self.forget_successes(id);
        }
        let cleared = self.rows.clear(&self.plan, id, now);
        self.give_clocks(cleared, now);
        self.enter_in_calendar(cleared);
        cleared
    }
}

impl DagRuns {
    /// Lets an ended run begin anew: its instances keep their tries, and get as many again as their task has. Events
    /// that are still to come for what was taken away find the old rows, so then it moves to another place.
    pub(crate) fn clear(&mut self, plan: &Plan, id: RunId, now: SimTime) -> RunId {
        let before = self.runs[id.index()].clone();
        let cleared = if before.outstanding == 0 {
            self.runs[id.index()].queue(now);
            id
        } else {
            self.create(plan, before.dag, before.identity, now)
        };
        // It follows edits of the DAG's file when it is next examined.
        self.runs[cleared.index()].layout = before.layout;
        self.runs[cleared.index()].next_layout = plan.next_layout(before.layout);
        let run = &mut self.runs[cleared.index()];
        (run.sequence, run.place) = (before.sequence, before.place);
        (run.key, run.size) = (before.key, before.size);
        let first = run.first_instance;
        let rows = before.first_instance..before.first_instance + before.instances as usize;
        let made = |row: &TaskInstance| row.try_number;
        let tries: Vec<u16> = self.instances.rows[rows].iter().map(made).collect();
        if cleared == id {
            self.forget(id);
        }
        self.lay_out_rows(plan, cleared);
        for (row, made) in self.instances.rows[first..].iter_mut().zip(tries) {
            row.try_again(made);
        }
        if cleared == id {
            self.clear_expansions(plan, id);
        }
        cleared
    }

    /// Lets the instances that mapped tasks were given begin anew, too: they stay.
    fn clear_expansions(&mut self, plan: &Plan, id: RunId) {
        for at in 0..self.runs[id.index()].expansions.len() {
            let run = &self.runs[id.index()];
            let added = run.expansions[at];
            let first = run.first_instance + plan.tasks[added.task.index()].first_row as usize;
            self.instances.rows[first].map_index = 0;
            let retries = plan.tasks[added.task.index()].retries as u16;
            for row in &mut self.instances.rows[added.first_instance..][..added.instances as usize]
            {
                let made = row.try_number;
                *row = TaskInstance::new(id, added.task, row.map_index, row.row);
                row.max_tries = retries;
                row.try_again(made);
            }
            self.count_added(plan, id, added.task, added.instances);
        }
    }
}
