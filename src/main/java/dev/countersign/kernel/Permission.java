package dev.countersign.kernel;

/** What a role may do in the console, over REST and on behalf of others. */
public enum Permission {
    /** Open the console and see people with their two-factor status. */
    VIEW_PEOPLE,
    /** Create, change and disable accounts and groups. */
    EDIT_PEOPLE,
    /** Reset another person's second factor. */
    RESET_FACTORS,
    /** See the policy and other settings. */
    VIEW_SETTINGS,
    /** Change the policy and other settings. */
    EDIT_SYSTEM_SETTINGS,
    /** Read the activity log of everyone. */
    VIEW_ACTIVITY
}
