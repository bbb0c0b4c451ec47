//! Map features that are one sign, group by group.

use super::sign::Sign;

/// Groups of signs, in the order of their first members.
#[derive(Debug)]
pub(super) struct SignGroups {
    members: Vec<u32>,
    /// Where each group begins in `members`, and at last their number.
    begins: Vec<u32>,
}

impl SignGroups {
    /// The groups, where the first member of its group is known of each sign.
    pub(super) fn new(first_of: &[u32]) -> Self {
        let mut sizes = vec![0_u32; first_of.len()];
        for first in first_of {
            sizes[*first as usize] += 1;
        }
        let (mut begins, mut next) = (vec![0], sizes);
        let mut all = 0;
        for size in &mut next {
            if *size > 0 {
                let begin = all;
                all += *size;
                begins.push(all);
                *size = begin;
            }
        }
        let mut members = vec![0; first_of.len()];
        for (sign, first) in (0..).zip(first_of) {
            let next = &mut next[*first as usize];
            members[*next as usize] = sign;
            *next += 1;
        }
        Self { members, begins }
    }

    pub(super) fn len(&self) -> usize {
        self.begins.len() - 1
    }

    /// The signs of a group, in their order.
    pub(super) fn of<'s>(
        &self,
        group: usize,
        signs: &'s [Sign],
    ) -> impl ExactSizeIterator<Item = &'s Sign> + DoubleEndedIterator + Clone + use<'_, 's> {
        let members = &self.members[self.begins[group] as usize..self.begins[group + 1] as usize];
        members.iter().map(|sign| &signs[*sign as usize])
    }
}
