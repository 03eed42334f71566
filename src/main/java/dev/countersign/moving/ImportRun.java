package dev.countersign.moving;

/**
 * How far the import of one file has come.
 *
 * @param position how many items of the file are done
 */
record ImportRun(String id, long position, Counts counts) {
    ImportRun after(int items, Iterable<Verdict> verdicts) {
        Counts next = counts;
        for (Verdict verdict : verdicts) {
            next = next.with(verdict);
        }
        return new ImportRun(id, position + items, next);
    }
}
