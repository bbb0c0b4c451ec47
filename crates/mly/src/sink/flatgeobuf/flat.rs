//! As much of `FlatBuffers` as the format needs (<https://flatbuffers.dev/internals>).
//!
//! A buffer is a tree of tables, vectors and texts. Whatever refers to something stands before it here, and says how many
//! bytes further on it is.

/// A buffer in the making, behind four bytes for its size, from which alignment is counted.
#[derive(Default)]
pub(super) struct Flat {
    bytes: Vec<u8>,
}

/// A field of a table.
#[derive(Clone, Copy)]
pub(super) enum Field {
    /// Left out: it has its default.
    Absent,
    /// Something that follows later.
    Reference,
    Byte(u8),
    Short(u16),
    Int(i32),
    Long(u64),
}

/// Where a reference stands that has to be resolved.
#[derive(Clone, Copy)]
pub(super) struct Slot(usize);

/// A buffer or a part of it has more than 4 GiB.
#[derive(Debug, thiserror::Error)]
#[error("a feature or the header is too big")]
pub(super) struct TooBig;

impl Flat {
    /// Begins anew, with the reference to the root.
    pub(super) fn begin(&mut self) -> Slot {
        self.bytes.clear();
        self.bytes.extend_from_slice(&[0; 8]);
        Slot(4)
    }

    /// The buffer behind its size.
    pub(super) fn finish(&mut self) -> Result<&[u8], TooBig> {
        self.align(8, 0);
        let size = u32::try_from(self.bytes.len() - 4).or(Err(TooBig))?;
        self.set(0, &size.to_le_bytes());
        Ok(&self.bytes)
    }

    /// Adds a table in the place of a reference, and gives the references in it.
    pub(super) fn table<const N: usize>(
        &mut self,
        at: Slot,
        fields: [Field; N],
    ) -> Result<[Slot; N], TooBig> {
        // Where the fields are stands right before the table.
        let head = 4 + 2 * N;
        self.align(8, head);
        let (places, table) = (self.bytes.len(), self.bytes.len() + head);
        self.bytes.resize(table, 0);
        self.refer(at)?;
        // How far back that is.
        self.put(u32::from(u16::from_le_bytes(small(head)?)).to_le_bytes());
        let mut slots = [Slot(0); N];
        for (number, (field, slot)) in fields.into_iter().zip(&mut slots).enumerate() {
            match field {
                Field::Absent => continue,
                Field::Reference => *slot = Slot(self.aligned([0; 4])),
                Field::Byte(value) => *slot = Slot(self.aligned([value])),
                Field::Short(value) => *slot = Slot(self.aligned(value.to_le_bytes())),
                Field::Int(value) => *slot = Slot(self.aligned(value.to_le_bytes())),
                Field::Long(value) => *slot = Slot(self.aligned(value.to_le_bytes())),
            }
            self.set(places + 4 + 2 * number, &small(slot.0 - table)?);
        }
        let size = small(self.bytes.len() - table)?;
        self.set(places, &small(head)?);
        self.set(places + 2, &size);
        Ok(slots)
    }

    /// Adds a vector of bytes.
    pub(super) fn bytes(&mut self, at: Slot, bytes: &[u8]) -> Result<(), TooBig> {
        self.vector(at, bytes.len(), 4)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Adds a text.
    pub(super) fn text(&mut self, at: Slot, text: &str) -> Result<(), TooBig> {
        self.bytes(at, text.as_bytes())?;
        self.bytes.push(0);
        Ok(())
    }

    /// Adds a vector of numbers.
    pub(super) fn numbers<const N: usize>(
        &mut self,
        at: Slot,
        count: usize,
        numbers: impl Iterator<Item = [u8; N]>,
    ) -> Result<(), TooBig> {
        self.vector(at, count, N)?;
        numbers.for_each(|number| self.put(number));
        Ok(())
    }

    /// Adds a vector of tables that follow.
    pub(super) fn references(&mut self, at: Slot, count: usize) -> Result<Vec<Slot>, TooBig> {
        self.vector(at, count, 4)?;
        Ok((0..count).map(|_| Slot(self.aligned([0; 4]))).collect())
    }

    /// The length of a vector, so that what follows is aligned.
    fn vector(&mut self, at: Slot, count: usize, alignment: usize) -> Result<(), TooBig> {
        self.align(alignment.max(4), 4);
        self.refer(at)?;
        let count = u32::try_from(count).or(Err(TooBig))?;
        self.put(count.to_le_bytes());
        Ok(())
    }

    /// Lets a reference mean what comes next.
    fn refer(&mut self, Slot(at): Slot) -> Result<(), TooBig> {
        let distance = u32::try_from(self.bytes.len() - at).or(Err(TooBig))?;
        self.set(at, &distance.to_le_bytes());
        Ok(())
    }

    /// Fills up until what follows `length` more bytes is aligned.
    fn align(&mut self, alignment: usize, length: usize) {
        let end = (self.bytes.len() + length).next_multiple_of(alignment);
        self.bytes.resize(end - length, 0);
    }

    /// Adds a value in its alignment and says where it is.
    fn aligned<const N: usize>(&mut self, value: [u8; N]) -> usize {
        self.align(N, 0);
        self.put(value);
        self.bytes.len() - N
    }

    fn put<const N: usize>(&mut self, value: [u8; N]) {
        self.bytes.extend_from_slice(&value);
    }

    fn set(&mut self, at: usize, value: &[u8]) {
        if let Some(place) = self.bytes.get_mut(at..at + value.len()) {
            place.copy_from_slice(value);
        }
    }
}

fn small(value: usize) -> Result<[u8; 2], TooBig> {
    u16::try_from(value).map(u16::to_le_bytes).or(Err(TooBig))
}
