//! Triggers that update the spatial index when other programs change the rows (GeoPackage 1.4, "R-tree Spatial Indexes").

/// The triggers of a table; `index` is the name of its spatial index with something appended, as SQL. They are created
/// last: the sink fills the index itself, and plain `SQLite` lacks the functions that they call.
pub(super) fn triggers(table: &str, index: impl Fn(&str) -> String) -> String {
    let [insert, update2, update4, update5, update6, update7, delete] =
        ["_insert", "_update2", "_update4", "_update5", "_update6", "_update7", "_delete"].map(&index);
    let index = index("");
    format!(
        "
CREATE TRIGGER {insert} AFTER INSERT ON {table}
  WHEN (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  INSERT OR REPLACE INTO {index} VALUES
    (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER {update2} AFTER UPDATE OF geom ON {table}
  WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM {index} WHERE id = OLD.fid;
END;
CREATE TRIGGER {update4} AFTER UPDATE ON {table}
  WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM {index} WHERE id IN (OLD.fid, NEW.fid);
END;
CREATE TRIGGER {update5} AFTER UPDATE ON {table}
  WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM {index} WHERE id = OLD.fid;
  INSERT OR REPLACE INTO {index} VALUES
    (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER {update6} AFTER UPDATE OF geom ON {table}
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom NOTNULL AND NOT ST_IsEmpty(OLD.geom))
BEGIN
  UPDATE {index} SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom),
    miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid;
END;
CREATE TRIGGER {update7} AFTER UPDATE OF geom ON {table}
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom ISNULL OR ST_IsEmpty(OLD.geom))
BEGIN
  INSERT INTO {index} VALUES
    (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER {delete} AFTER DELETE ON {table}
  WHEN OLD.geom NOTNULL
BEGIN
  DELETE FROM {index} WHERE id = OLD.fid;
END;
"
    )
}
