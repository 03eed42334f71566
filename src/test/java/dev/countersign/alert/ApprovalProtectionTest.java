package dev.countersign.alert;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which changes of the rules of approval protect less. */
final class ApprovalProtectionTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            off --confirm number                                 | always --confirm number                              | false
            always --confirm number                              | off --confirm number                                 | true
            always --confirm number                              | random --share 99 --longest PT1H --confirm number    | true
            random --share 20 --longest PT168H --confirm number  | random --share 19 --longest PT168H --confirm number  | true
            random --share 20 --longest PT168H --confirm number  | random --share 20 --longest PT169H --confirm number  | true
            random --share 20 --longest PT168H --confirm number  | random --share 21 --longest PT168H --confirm code    | false
            always --confirm number                              | always --confirm tap                                 | true
            always --confirm number                              | always --confirm number {g1=off}                     | true
            off --confirm number {g1=always, g2=off}             | off --confirm number {g2=off}                        | true
            off --confirm number {g1=off}                        | off --confirm number                                 | false
            """)
    void a_change_is_less_when_anybody_is_asked_less(String before, String after, boolean less) {
        assertThat(ApprovalProtection.isLess(before, after)).isEqualTo(less);
    }
}
