package dev.countersign.moving;

import java.io.IOException;
import java.util.Optional;

/** Reads a file from beginning to end, item by item, in memory that does not depend on the file. */
interface ItemReader extends AutoCloseable {
    /** The next item; nothing at the end. After {@link Item.Broken} there is no other. */
    Optional<Item> next() throws IOException;

    @Override
    void close() throws IOException;
}
