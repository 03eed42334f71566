package dev.countersign.moving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Files that are meant to hurt: they cost little, and what comes after them is still read where that makes sense. */
class ReadersTest {
    private static final String GOOD = "{\"username\":\"bea\"}\n";

    private static List<Item> read(ItemReader reader) throws IOException {
        List<Item> items = new ArrayList<>();
        try (reader) {
            for (Optional<Item> item = reader.next(); item.isPresent(); item = reader.next()) {
                items.add(item.get());
            }
        }
        return items;
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Text, then so many letters, then text, made while they are read. */
    private static InputStream endless(String before, long letters, String after) {
        InputStream middle = new InputStream() {
            private long left = letters;

            @Override
            public int read() {
                return left-- > 0 ? 'x' : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int count = (int) Math.min(left, length);
                java.util.Arrays.fill(into, offset, offset + count, (byte) 'x');
                left -= count;
                return count;
            }
        };
        return new java.io.SequenceInputStream(new java.io.SequenceInputStream(bytes(before), middle), bytes(after));
    }

    @Test
    void a_line_of_a_gigabyte_is_refused_and_the_next_is_read() throws IOException {
        List<Item> items = read(new JsonLines(endless(GOOD + "{\"username\":\"", 1L << 30, "\"}\n" + GOOD)));
        assertThat(items).hasSize(3);
        assertThat(items.get(1)).isEqualTo(new Item.Unreadable(2, "", Reason.of(Reason.Code.LINE_TOO_LONG)));
        assertThat(items.get(2).line()).isEqualTo(3);
    }

    @Test
    void a_cell_of_a_hundred_megabytes_and_a_row_of_a_million_columns_are_refused_and_the_next_is_read()
            throws IOException {
        List<Item> cell = read(new CsvPeople(endless("username,name\na,", 100L << 20, "\nbea,Bea\n")));
        assertThat(cell).hasSize(2);
        assertThat(cell.getFirst()).isInstanceOf(Item.Unreadable.class);
        assertThat(cell.getLast()).isInstanceOf(Item.Person.class);
        List<Item> columns = read(new CsvPeople(bytes("username,name\n" + ",".repeat(1_000_000) + "\nbea,Bea\n")));
        assertThat(columns.getFirst()).isInstanceOf(Item.Unreadable.class);
        assertThat(columns.getLast()).isInstanceOf(Item.Person.class);
    }

    @Test
    void bytes_that_are_no_text_are_refused() throws IOException {
        byte[] file = (GOOD + "{\"username\":\"\u00ff\"}\n" + GOOD).getBytes(StandardCharsets.ISO_8859_1);
        List<Item> items = read(new JsonLines(new ByteArrayInputStream(file)));
        assertThat(items.get(1)).isEqualTo(new Item.Unreadable(2, "", Reason.of(Reason.Code.LINE_NOT_UTF_8)));
        assertThat(items.get(2)).isInstanceOf(Item.Person.class);
        List<Item> table = read(new CsvPeople(
                new ByteArrayInputStream("username\nb\u00fcrger\n".getBytes(StandardCharsets.ISO_8859_1))));
        assertThat(table)
                .singleElement()
                .isInstanceOfSatisfying(
                        Item.Broken.class, broken -> assertThat(broken.reason()).contains("UTF-8"));
    }

    @Test
    void a_table_is_read_as_spreadsheets_write_it() throws IOException {
        List<Item> items = read(
                new CsvPeople(
                        bytes(
                                "\uFEFFusername,name,groups\r\nbea,\"Lindner, \"\"Bea\"\"\r\nor not\",\"A; B;;\"\r\n\r\n'+carl,'-x,\r\ndora\r\n\"e\"x,y,z")));
        assertThat(items).hasSize(4).allMatch(Item.Person.class::isInstance);
        Arrival bea = ((Item.Person) items.getFirst()).arrival();
        assertThat(bea.name()).contains("Lindner, \"Bea\"\r\nor not");
        assertThat(bea.groups()).containsExactly("A", "B");
        assertThat(items.get(1).line()).isEqualTo(5);
        assertThat(((Item.Person) items.get(1)).arrival().username()).isEqualTo("+carl");
        assertThat(((Item.Person) items.get(1)).arrival().name()).contains("-x");
        assertThat(((Item.Person) items.get(2)).arrival().username()).isEqualTo("dora");
        assertThat(((Item.Person) items.get(3)).arrival().username()).isEqualTo("ex");
        assertThat(((Item.Person) read(new CsvPeople(bytes("name\tusername\nBea\tbea")))
                                .getFirst())
                        .arrival()
                        .username())
                .isEqualTo("bea");
    }

    @Test
    void a_table_without_sense_is_refused_as_a_whole_and_says_why() throws IOException {
        for (String[] one : new String[][] {
            {"", "empty"},
            {"name,email\nx,y", "username"},
            {"username,username\nx,y", "twice"},
            {"username,colour\nx,y", "colour"},
            {",".repeat(100) + "\n", "cannot be read"},
        }) {
            assertThat(read(new CsvPeople(bytes(one[0]))))
                    .as(one[0])
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Item.Broken.class,
                            broken -> assertThat(broken.reason()).contains(one[1]));
        }
        List<Item> open = read(new CsvPeople(bytes("username\nbea\n\"never closed\ncarl\n")));
        assertThat(open.getLast()).isInstanceOf(Item.Broken.class);
    }

    @Test
    void every_text_survives_being_written_to_a_table_and_read_again() throws IOException {
        for (String text : List.of(
                "plain",
                "=1+1",
                "+1",
                "-1",
                "@x",
                "'",
                "''",
                "'=x",
                "''=x",
                "a,b",
                "a;b",
                "a\"b",
                "\"",
                "\tx",
                "x\r\ny",
                "'plain",
                "ü\uD83D\uDE00")) {
            String written = "a,b\n" + CsvRows.write(List.of(text, "end"));
            assertThat(written.lines().skip(1).findFirst().orElseThrow().replaceAll("^\"", ""))
                    .as("no formula")
                    .doesNotStartWith("=")
                    .doesNotStartWith("+")
                    .doesNotStartWith("-")
                    .doesNotStartWith("@");
            try (CsvRows rows = new CsvRows(bytes(written))) {
                rows.next();
                CsvRows.Row.Cells row = (CsvRows.Row.Cells) rows.next().orElseThrow();
                assertThat(row.cells()).containsExactly(text, "end");
            }
        }
    }

    @Test
    void nothing_that_is_passed_around_shows_a_secret() throws IOException {
        assertThat(read(new JsonLines(bytes("""
                        {"username":"bea","passwordHash":"$2a$05$CCCC","totp":"otpauth://totp/a?secret=GEZDGNBV"}"""))).toString())
                .contains("bea")
                .doesNotContain("CCCC")
                .doesNotContain("GEZDGNBV");
        assertThat(((Item.Unreadable) read(new JsonLines(bytes("{\"passwordHash\":\"very-secret-thing\" oops")))
                                .getFirst())
                        .reason()
                        .english())
                .doesNotContain("very-secret-thing");
    }

    @Test
    void texts_that_were_seen_are_known_among_a_hundred_thousand() {
        Fingerprints seen = new Fingerprints();
        for (int i = 0; i < 100_000; i++) {
            assertThat(seen.add("p" + i)).isTrue();
        }
        assertThat(seen.add("p5")).isFalse();
        assertThat(seen.contains("p99999")).isTrue();
        assertThat(seen.contains("q")).isFalse();
    }
}
