# Shared by the scripts in bin/: finding Java, installing tools, locking, building. POSIX sh, sourced with $root set.
# shellcheck shell=sh

unset CDPATH
java_least=25
cannot=69 # EX_UNAVAILABLE: something this machine has to provide is missing

say() {
    printf '%s\n' "$*" >&2
}

# ---- Java ----------------------------------------------------------------------------------------------------------

# Prints the feature release (25) of the Java in directory $1; fails if there is none.
java_release() {
    [ -x "$1/bin/java" ] || return 1
    version=
    if [ -r "$1/release" ]; then
        version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9]*\).*/\1/p' "$1/release" | head -n 1)
    fi
    if [ -z "$version" ]; then
        version=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9][0-9]*\).*/\1/p' | head -n 1)
    fi
    [ -n "$version" ] && printf '%s\n' "$version"
}

# Prints every directory where a Java may live, the most explicit choice first.
java_places() {
    [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
    on_path=$(command -v java || true)
    if [ -n "$on_path" ]; then
        on_path=$(real_path "$on_path")
        dirname "$(dirname "$on_path")"
    fi
    if [ -x /usr/libexec/java_home ]; then
        /usr/libexec/java_home -v "$java_least+" 2>/dev/null || true
    fi
    for place in /usr/lib/jvm/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/*; do
        [ -d "$place" ] && printf '%s\n' "$place"
    done
    return 0
}

# find_java [PROGRAM]: sets and exports JAVA_HOME to a Java >= 25 that has bin/PROGRAM (javac unless told otherwise).
# JAVA_HOME and PATH win; of the others the lowest release, because that is the one we test with.
find_java() {
    program=${1:-javac}
    found= found_release=
    explicit=0 count=0
    [ -z "${JAVA_HOME:-}" ] || explicit=$((explicit + 1))
    ! command -v java >/dev/null 2>&1 || explicit=$((explicit + 1))
    while IFS= read -r place; do
        count=$((count + 1))
        [ -x "$place/bin/$program" ] || continue
        release=$(java_release "$place") || continue
        [ "$release" -ge "$java_least" ] || continue
        if [ -z "$found" ] || [ "$release" -lt "$found_release" ]; then
            found=$place found_release=$release
        fi
        [ "$count" -gt "$explicit" ] || break
    done <<PLACES
$(java_places)
PLACES
    if [ -z "$found" ]; then
        say "Countersign needs a JDK $java_least or later; none was found in JAVA_HOME, PATH, /usr/lib/jvm or SDKMAN. Get one, for example:"
        say "  Debian 13, Ubuntu:  apt-get install openjdk-$java_least-jdk"
        say "  Debian 12:          apt-get install temurin-$java_least-jdk   (from Eclipse Adoptium's package source)"
        say "  macOS:              brew install openjdk@$java_least"
        say "  SDKMAN:             sdk install java $java_least-tem"
        say "A JDK in another place: JAVA_HOME=/path/to/jdk $0"
        exit $cannot
    fi
    JAVA_HOME=$found
    export JAVA_HOME
    # Java takes the home directory from the password file; Maven's repository belongs where HOME says.
    case ${HOME:-} in
        '' | *' '*) ;;
        *) MAVEN_OPTS="${MAVEN_OPTS:-} -Duser.home=$HOME"; export MAVEN_OPTS ;;
    esac
}

# ---- tools ---------------------------------------------------------------------------------------------------------

apt_updated=

# need_tool COMMAND PACKAGE: makes sure that COMMAND exists, by installing the Debian package if that is possible.
need_tool() {
    command -v "$1" >/dev/null 2>&1 && return 0
    need_package "$2" "$1"
    command -v "$1" >/dev/null 2>&1 && return 0
    say "The package $2 was installed, but there is still no command $1."
    exit $cannot
}

# need_package PACKAGE [WHAT]: installs a Debian package, or says with which command to do that, and stops.
need_package() {
    as_root=
    if ! command -v apt-get >/dev/null 2>&1; then
        say "${2:-$1} is missing. Install it; on Debian and Ubuntu its package is called $1:"
        say "  sudo apt-get install --yes $1"
        exit $cannot
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "${2:-$1} is missing. Run this, then try again:"
            say "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends $1"
            exit $cannot
        fi
        as_root='sudo -n'
    fi
    say "Installing $1 ..."
    apt_log=$(mktemp)
    if [ -z "$apt_updated" ]; then
        # A broken extra package source must not keep us from what the others offer: the installation decides.
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update >"$apt_log" 2>&1 || true
        apt_updated=yes
    fi
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install --yes --no-install-recommends "$1" >>"$apt_log" 2>&1 </dev/null; then
        tail -n 20 "$apt_log" >&2
        rm -f "$apt_log"
        say "Could not install $1. Run this by hand to see why:"
        say "  ${as_root:+sudo }apt-get update && ${as_root:+sudo }apt-get install --yes --no-install-recommends $1"
        exit $cannot
    fi
    rm -f "$apt_log"
}

# find_chromium: sets and exports COUNTERSIGN_TEST_CHROMIUM to a browser for the tests. The driver brings none.
find_chromium() {
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
    export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD
    browsers="chromium chromium-browser google-chrome google-chrome-stable"
    if [ -z "${COUNTERSIGN_TEST_CHROMIUM:-}" ]; then
        COUNTERSIGN_TEST_CHROMIUM=$(first_command $browsers) || {
            need_package chromium
            COUNTERSIGN_TEST_CHROMIUM=$(first_command $browsers) || {
                say "The package chromium was installed, but there is still no command chromium."
                exit $cannot
            }
        }
    fi
    if [ ! -x "$COUNTERSIGN_TEST_CHROMIUM" ]; then
        say "COUNTERSIGN_TEST_CHROMIUM=$COUNTERSIGN_TEST_CHROMIUM is not a program."
        exit $cannot
    fi
    export COUNTERSIGN_TEST_CHROMIUM
}

# find_firefox: sets and exports COUNTERSIGN_TEST_FIREFOX to the browser in which push messages are read.
find_firefox() {
    browsers="firefox-esr firefox"
    if [ -z "${COUNTERSIGN_TEST_FIREFOX:-}" ]; then
        COUNTERSIGN_TEST_FIREFOX=$(first_command $browsers) || {
            need_package firefox-esr
            COUNTERSIGN_TEST_FIREFOX=$(first_command $browsers) || {
                say "The package firefox-esr was installed, but there is still no command firefox-esr."
                exit $cannot
            }
        }
    fi
    if [ ! -x "$COUNTERSIGN_TEST_FIREFOX" ]; then
        say "COUNTERSIGN_TEST_FIREFOX=$COUNTERSIGN_TEST_FIREFOX is not a program."
        exit $cannot
    fi
    export COUNTERSIGN_TEST_FIREFOX
}

# find_pgbouncer: sets and exports COUNTERSIGN_TEST_PGBOUNCER. Debian puts it where only root looks.
find_pgbouncer() {
    if [ -z "${COUNTERSIGN_TEST_PGBOUNCER:-}" ]; then
        COUNTERSIGN_TEST_PGBOUNCER=$(first_command pgbouncer /usr/sbin/pgbouncer) || {
            need_package pgbouncer
            COUNTERSIGN_TEST_PGBOUNCER=$(first_command pgbouncer /usr/sbin/pgbouncer) || {
                say "The package pgbouncer was installed, but there is still no command pgbouncer."
                exit $cannot
            }
        }
    fi
    export COUNTERSIGN_TEST_PGBOUNCER
}

# Prints the full name of the first of these commands that exists.
first_command() {
    for candidate in "$@"; do
        command -v "$candidate" && return 0
    done
    return 1
}

# ---- Maven ---------------------------------------------------------------------------------------------------------

# run_maven LOG ARGUMENTS...: runs Maven with its whole output in LOG, and what shows progress or explains a failure on the
# screen. Returns Maven's exit code.
run_maven() {
    maven_log=$1
    shift
    mkdir -p "$(dirname "$maven_log")"
    {
        code=0
        ./mvnw -B "$@" </dev/null || code=$?
        echo "$code" >"$maven_log.code"
    } 2>&1 | tee "$maven_log" | while IFS= read -r line; do
        # Not with awk: some collect what they read, and a run that stands still would show where it was long before.
        case $line in
            *' --- '*':'compile\ * | *' --- '*':'testCompile\ * | *' --- '*':'test\ * | *' --- '*':'jar\ * | *' --- '*':'check\ * | *' --- '*':'apply\ *)
                goal=${line##* --- }
                printf '> %s ...\n' "${goal%% (*}"
                ;;
            '[INFO] Running'* | '[INFO] Tests run:'*) printf '%s\n' "${line#\[INFO\] }" ;;
            '[ERROR]' | '[ERROR] ' | *'[Help 1] http'* | *'e-run Maven'* | *'For more information'* | '[ERROR] -> '*) ;;
            '[ERROR]'* | '[WARNING] /'*.java:* | '[WARNING] Tests run:'*) printf '%s\n' "$line" ;;
        esac
    done
    code=$(cat "$maven_log.code")
    rm -f "$maven_log.code"
    return "$code"
}

# ---- locking -------------------------------------------------------------------------------------------------------

# take_lock FILE: waits until nobody else holds it. drop_lock, or the end of this process, gives it back.
take_lock() {
    lock=$1
    mkdir -p "$(dirname "$lock")"
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$lock"
        flock 9
        return 0
    fi
    until mkdir "$lock.d" 2>/dev/null; do
        holder=$(cat "$lock.d/pid" 2>/dev/null || true)
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
            # Whoever manages to rename it removes the dead process's lock.
            mv "$lock.d" "$lock.dead.$$" 2>/dev/null && rm -rf "$lock.dead.$$"
        else
            sleep 1
        fi
    done
    echo $$ >"$lock.d/pid"
    trap 'rm -rf "$lock.d"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

drop_lock() {
    exec 9>&-
    if [ -d "$lock.d" ]; then
        rm -rf "$lock.d"
        trap - EXIT HUP INT TERM
    fi
}

# ---- files ---------------------------------------------------------------------------------------------------------

# Prints FILE with the symbolic links at its end followed. (readlink -f is missing on older Macs.)
real_path() {
    real=$1
    while [ -L "$real" ]; do
        link=$(readlink "$real")
        case $link in
            /*) real=$link ;;
            *) real=$(dirname "$real")/$link ;;
        esac
    done
    printf '%s\n' "$real"
}

# newer_than STAMP FILE...: succeeds if STAMP does not exist or something in FILE... was changed or removed after it.
newer_than() {
    stamp=$1
    shift
    [ -e "$stamp" ] || return 0
    [ -n "$(find "$@" -newer "$stamp" -print 2>/dev/null | head -n 1)" ]
}
