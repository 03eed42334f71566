package dev.countersign.directory;

/** How the steps of a sign-in are spread over screens. The flow behind them is one. */
public enum SignInStyle {
    /** Name and password, then the code on a second screen. */
    TWO_SCREENS,
    /** Name, password and code on one page. */
    ONE_PAGE,
    /** Name, then password, then code. */
    IDENTIFIER_FIRST
}
