/** English: how the installation is. A finding says what it is, what it means, and what to do. */
type Facts = Readonly<Record<string, string>>
/** What it is, what it means, what to do: a line each. */
const lines = (what: string, means: string, todo: string) => [what, means, todo].join('\n')

export const health = {
  well: 'All is well',
  someWarnings: (count: number) => (count === 1 ? 'One thing to look at' : `${count} things to look at`),
  someProblems: (count: number) => (count === 1 ? 'One thing does not work' : `${count} things do not work`),
  asOf: (at: string) => `as of ${at}`,
  stale: (at: string) => `No news since ${at}: what stands here is old.`,
  loading: 'The processes are being asked.',
  host: 'Host',
  askedAgain: 'See whether that computer runs and its network is there. It is asked again every few seconds.',
  thisHost: (name: string) => `${name} (this one)`,
  findings: 'What is not as it should be',
  levels: { problem: 'Problem', warning: 'Warning' },
  todo: 'What to do:',
  says: {
    'safe-mode': () =>
      lines(
        'The flows do not run: safe mode',
        'The flow runtime crashed again and again, and was started with its flows stopped. Machines, STOP and HOLD are not affected.',
        'Look in the designer at what was changed last, put it right, and leave safe mode there.',
      ),
    'process-down': (f: Facts, subject: string) =>
      lines(
        `${subject} does not run${f.text ? `: ${f.text}` : ''}`,
        'It is started again by itself, with growing pauses. What it does stands still meanwhile.',
        'If it does not stay up: read its log file (in the folder "logs"), or get the diagnostics below and ask for help.',
      ),
    'process-restarted': (f: Facts, subject: string) =>
      lines(
        `${subject} was started again ${f.at} (restart ${f.restarts} since the start): ${f.text}`,
        'What it was doing in that moment was interrupted; it goes on since.',
        'Once is nothing to worry about. If it comes again, read its log file from that time.',
      ),
    'process-silent': (f: Facts, subject: string) =>
      lines(
        `${subject} has given no sign of life for ${f.ms}`,
        'Something blocks it. It is ended and started again when that goes on.',
        'For the flow runtime: look for a function node with an endless loop or a very large message.',
      ),
    'process-lag': (f: Facts, subject: string) =>
      lines(
        `${subject} answers late: ${f.ms}`,
        'It was busy with one thing for so long that all others waited.',
        'If it stays so: fewer or smaller messages in flows, or a faster computer. Other programs on this computer may take the time, too.',
      ),
    'process-memory': (f: Facts, subject: string) =>
      lines(
        `${subject} has used ${f.bytes} of the ${f.limitBytes} of memory it may have`,
        'It gets slow and will end when it needs more; it is then started again.',
        'For the flow runtime: look for flows that gather messages or hold large files in context.',
      ),
    'memory-low': (f: Facts) =>
      lines(
        `This computer has only ${f.freeBytes} of memory left`,
        'The system may end programs when there is none left.',
        'Close other programs on it, or give it more memory.',
      ),
    'database-away': () =>
      lines(
        'The database does not answer',
        'Nothing can be saved and flows wait. Machines go on, STOP and HOLD work; it goes on by itself when the database is back.',
        'A database of your own: see whether it runs and the network is there. The one that comes along: is the disk full? Its log is postgres.log.',
      ),
    'database-slow': (f: Facts) =>
      lines(
        `The database took ${f.ms} for a small question`,
        'Pages and flows wait for it.',
        'See whether the disk is busy (a back-up, a virus scanner) or the computer has too much to do.',
      ),
    'database-connections': (f: Facts) =>
      lines(
        `${f.connections} of ${f.most} connections of the database are taken`,
        'When none is left, new ones are refused.',
        'See which other programs use this database, or allow more connections in its settings.',
      ),
    'database-query': (f: Facts) =>
      lines(
        `A statement has been running in the database for ${f.seconds} s`,
        'It may hold up others.',
        'A long export or report may be the reason. It should end by itself.',
      ),
    'redis-away': () =>
      lines('Redis does not answer', 'Jobs begin later and schedules wait; nothing is lost.', 'See whether Redis runs and the address in REDIS_URL is right.'),
    'queue-held': (f: Facts, subject: string) =>
      lines(
        `The queue "${subject}" is held, ${f.waiting} wait${f.why ? `: ${f.why}` : ''}`,
        'Nothing of it begins until somebody releases it.',
        'See to the reason, then release it on the page "Jobs".',
      ),
    'queue-late': (f: Facts, subject: string) =>
      lines(
        `Of the queue "${subject}" ${f.late} will be late`,
        'They are due before their turn can come.',
        'Change their order on the page "Jobs", or their due dates.',
      ),
    'letters-open': (f: Facts, subject: string) =>
      lines(
        `Of the queue "${subject}" ${f.dead} failed and nobody has dealt with it`,
        'What depends on them waits.',
        'On the page "Jobs": try them again, or put them aside with a reason.',
      ),
    'disk-low': (f: Facts) =>
      lines(
        `The disk of ${f.path} is filling up: ${f.freeBytes} free`,
        'When it is nearly full no program is begun any more.',
        'Below stands what takes the room. Move back-ups elsewhere, keep less of the run history, or take a larger disk.',
      ),
    'disk-critical': (f: Facts) =>
      lines(
        `The disk of ${f.path} is nearly full: ${f.freeBytes} free`,
        'No program is begun and steps of runs are not recorded. What runs goes on; jog, home, STOP and HOLD work.',
        'Make room now: "Delete now" below, back-ups and files of other programs. It goes on by itself; queues that were held are released on the page "Jobs".',
      ),
    'disk-full': (f: Facts) =>
      lines(
        `The disk of ${f.path} is full: ${f.freeBytes} free`,
        'Nothing can be saved. What was confirmed is safe, STOP and HOLD work.',
        'Make room now, at best with files of other programs and old back-ups: the database may have no room to delete.',
      ),
    'space-over': (f: Facts, subject: string) =>
      lines(
        `${subject}: ${f.bytes}, more than the ${f.limitBytes} it may take`,
        'What is there must be kept still: it is too young, or nobody has decided on a program that failed.',
        'Deal with failed programs on the page "Jobs", or change the limits below.',
      ),
    'guard-away': (_: Facts, subject: string) =>
      lines(
        `The guard of ${subject} does not answer`,
        'The machine cannot be moved or stopped from here. Use its emergency stop.',
        'It is started again by itself. If it does not come, read its log file.',
      ),
    'link-lost': (_: Facts, subject: string) =>
      lines(
        `The link to ${subject} is lost`,
        'Nothing is known of the machine; use its emergency stop if it moves.',
        'Is it switched on, is the cable in, does the port still have the same name? See the page "Machines".',
      ),
    'link-silent': (f: Facts, subject: string) =>
      lines(
        `The controller of ${subject} has said nothing for ${f.ms}`,
        'It may be busy, or the cable or its interference protection is bad.',
        'See cable and port. If it happens while the spindle runs, look for interference.',
      ),
    'clock-off': (f: Facts) =>
      lines(
        `The clock of this computer and that of the database are ${f.ms} apart`,
        'Times of runs, jobs and schedules do not fit together.',
        'Set both by a time server (NTP).',
      ),
    'clock-jumped': (f: Facts) =>
      lines(
        `The clock of this computer jumped by ${f.ms} (${f.at})`,
        'It was set, or the computer slept. Times before and after do not fit together; schedules in between did not begin.',
        'Let a time server (NTP) set it, and switch sleep off on a computer that runs machines.',
      ),
    'tls-trouble': (f: Facts) =>
      lines(
        `The new certificate cannot be used: ${f.text}`,
        'The one before is still shown, until it ends.',
        'Put the certificate (with its chain) and the key that belongs to it in place; they are read again by themselves.',
      ),
    'tls-ends': (f: Facts) =>
      lines(
        `The certificate ends in ${f.days} days (${f.at})`,
        'Then browsers and panels refuse to show the pages.',
        'Put a new one in its place; it is read without a restart.',
      ),
    'tls-ended': (f: Facts) => lines(`The certificate ended on ${f.at}`, 'Browsers and panels refuse to show the pages.', 'Put a new one in its place now.'),
    'backup-never': () => lines('There is no back-up', 'What is on this disk is lost with it.', 'Set one up under "Back-up", on another computer or disk.'),
    'backup-old': (f: Facts) =>
      lines(`The last back-up is ${f.days} days old`, 'What was done since is lost with this disk.', 'See under "Back-up" why none was made.'),
    'backup-failed': (f: Facts) =>
      lines(`The last back-up failed: ${f.text}`, 'The one before is still there.', 'See to the reason, then make one under "Back-up".'),
    'host-silent': (_: Facts, subject: string) =>
      lines(
        `The host ${subject} gives no sign of life`,
        'Its machines cannot be reached from here, and their programs wait for it.',
        'See whether that computer runs and its network is there.',
      ),
  },
  processes: {
    title: 'Processes',
    process: 'Process',
    state: 'State',
    since: 'Since',
    restarts: 'Restarts',
    lag: 'Wait',
    memory: 'Memory',
    cpu: 'Processor',
    names: {
      launcher: 'Launcher',
      postgres: 'Database (PostgreSQL)',
      gateway: 'Gateway',
      runtime: 'Flow runtime',
      'connector-host': 'Connections',
      guard: (machine: string) => `Guard of ${machine}`,
      virtual: (machine: string) => `Virtual controller of ${machine}`,
      helper: (what: string) => `Helper: ${what}`,
      rehearsal: 'Rehearsal',
    },
    states: { starting: 'starts', running: 'runs', restarting: 'is started again', stopped: 'stopped', failed: 'failed' },
    silent: (span: string) => `no sign of life for ${span}`,
    pid: (pid: string) => `process ${pid}`,
    lastEnd: (text: string, at: string) => `${at}: ${text}`,
    memoryOf: (rss: string, heap: string, limit: string) => `${rss}, of it ${heap} JavaScript (up to ${limit})`,
    fromSystem: 'as the system says',
    unknown: 'not known',
    computer: 'This computer',
    free: (free: string, total: string) => `${free} of ${total} memory free`,
    limited: (limit: string) => `limited to ${limit}`,
    load: (load: string, cores: string) => `${load} of ${cores} processors wanted`,
  },
  space: {
    title: 'Disk',
    disk: (free: string, total: string, path: string) => `${free} of ${total} free on the disk of ${path}`,
    used: (percent: string) => `${percent} % used`,
    states: { ok: 'enough room', low: 'filling up', critical: 'nearly full', full: 'full', unknown: 'not known' },
    marks: (low: string, critical: string) => `People are warned with less than ${low} free; with less than ${critical} no program is begun.`,
    what: 'What takes the room',
    measured: (at: string) => `Measured ${at}.`,
    measuring: 'It is being measured for the first time.',
    of: (bytes: string, limit: string) => `${bytes} of ${limit}`,
    onDisk: (bytes: string) => `${bytes} on the disk, with its log and with room of deleted rows that it uses again.`,
    kinds: {
      database: 'Database',
      runs: 'Run history (in the database)',
      journals: 'Journals of machines',
      programs: 'Programs',
      files: 'Templates and other files',
      logs: 'Logs',
      backups: 'Back-ups',
      palette: 'Installed modules',
      mirror: 'Git mirror',
    },
    groups: {
      runs: 'runs',
      jobs: 'jobs',
      audit: 'audit log',
      quality: 'quality',
      flows: 'flows and versions',
      connections: 'connections and triggers',
      other: 'other',
    },
    when: {
      database:
        'When it takes more than its limit, history goes before its time, the oldest first: what steps were given, then runs, firings of triggers, messages that were told, jobs that ended. Never: what is younger than a day (jobs: a week), what is active, waits or is open, the audit log, quality, work orders, versions.',
      runs: 'The oldest runs go when there are more than is set on the page "Runs".',
      journals: (days: string) =>
        `Older than ${days} days, the oldest first, when all take more than their limit; never those of a program that nobody has decided on.`,
      programs: (days: string) => `What is in the library or what a job names is never deleted; the rest after ${days} days.`,
      files: (days: string) =>
        `What a page lists is never deleted: remove it there. What was left half written goes after a day, files of templates without an entry after ${days} days.`,
      logs: 'The oldest turned-over files go when all take more than their limit.',
      backups: 'As set under "Back-up".',
      palette: 'Nothing is deleted by itself; a module that is removed or replaced leaves nothing behind.',
      mirror: (days: string) => `Its commits are the history and stay. One that could not be read, and was put aside, goes after ${days} days.`,
    },
    change: 'Change the limits',
    sweep: 'Delete now',
    swept: (bytes: string) => `${bytes} of old journals, logs, unused programs and history were deleted.`,
    sweeping: 'It is being deleted. That takes a while, and goes on when you leave this page.',
    sweptNothing: 'Nothing was beyond its limits: there was nothing to delete.',
    setBy: (who: string, at: string) => `Set by ${who}, ${at}.`,
    rule: {
      journalDays: 'Keep journals at least (days)',
      journalMb: 'Journals of this host may take (MB)',
      programDays: 'Keep unused programs (days)',
      logMb: 'Logs of this host may take (MB)',
      databaseMb: 'The database may take (MB)',
    },
    save: 'Save',
    usual: 'Back to what is usual',
    cancel: 'Cancel',
    saved: 'Saved. What is beyond it is deleted within the hour.',
  },
  facts: {
    database: 'Database',
    databaseKinds: { embedded: 'comes along', own: 'your own' },
    databaseSays: (version: string, kind: string) => `PostgreSQL ${version}, ${kind}`,
    databaseAway: 'does not answer',
    connections: (used: string, most: string) => `${used} of ${most} connections, `,
    answers: (ms: string) => `answers in ${ms} ms`,
    redis: 'Redis',
    redisStates: { none: 'not used', ok: 'answers', away: 'does not answer' },
    queues: 'Queues',
    queue: 'Queue',
    waiting: 'Waiting',
    active: 'At work',
    dead: 'Failed, open',
    queueNames: { flow: 'Flow jobs', adapter: 'Confirmations', maintenance: 'Maintenance' },
    held: 'held',
    machines: 'Links to machines',
    noMachines: 'No machine is wired to this host. Set one up on the page "Machines".',
    guards: { running: 'guard runs', starting: 'guard starts', gone: 'guard does not answer' },
    links: { connecting: 'is being connected', connected: 'connected', lost: 'lost', 'waiting-for-person': 'waits for a person' },
    reported: (span: string) => `last report ${span} ago`,
    virtual: 'virtual',
    rest: 'Clock, certificate, versions',
    clock: 'Clock',
    clockOff: (ms: string) => `${ms} ms against the database`,
    clockUnknown: 'not known: the database does not answer',
    jumped: (ms: string, at: string) => `jumped by ${ms} on ${at}`,
    certificate: 'Certificate',
    certificateEnds: (at: string, names: string) => `until ${at}, for ${names}`,
    noCertificate: 'none: this port speaks HTTP',
    backup: 'Last back-up',
    noBackup: 'none',
    version: 'Cellwright',
    versionSince: (version: string, at: string) => `${version}, since ${at}`,
    schema: 'Schema',
    node: 'Node',
    system: 'System',
  },
  diagnostics: {
    title: 'Diagnostics',
    says: 'One file for whoever is to help: logs, settings, processes, what stands above, flows, errors of runs. Passwords, keys and tokens are taken out.',
    read: 'Open it and read what is in it before you send it: names, programs and messages of your shop are in it.',
    make: 'Get the diagnostics',
    failed: (why: string) => `It could not be made: ${why}`,
  },
}
