/** Deutsch: how the installation is. */
import type { health as en } from '../en/health.ts'

/** What it is, what it means, what to do: a line each. */
const lines = (what: string, means: string, todo: string) => [what, means, todo].join('\n')

export const health: typeof en = {
  well: 'Alles in Ordnung',
  someWarnings: (count) => (count === 1 ? '1 Warnung' : `${count} Warnungen`),
  someProblems: (count) => (count === 1 ? '1 Fehler' : `${count} Fehler`),
  asOf: (at) => `Stand ${at}`,
  stale: (at) => `Seit ${at} keine Nachricht: Diese Angaben sind veraltet.`,
  loading: 'Die Prozesse werden abgefragt.',
  host: 'Rechner',
  askedAgain: 'Nachsehen, ob der Rechner läuft und sein Netz da ist. Er wird alle paar Sekunden wieder gefragt.',
  thisHost: (name) => `${name} (dieser)`,
  findings: 'Was nicht in Ordnung ist',
  levels: { problem: 'Fehler', warning: 'Warnung' },
  todo: 'Was zu tun ist:',
  says: {
    'safe-mode': () =>
      lines(
        'Die Abläufe stehen: abgesicherter Betrieb',
        'Die Ablaufumgebung ist immer wieder abgestürzt und wurde mit angehaltenen Abläufen gestartet. Maschinen, STOPP und HALT sind nicht betroffen.',
        'Im Designer nachsehen, was zuletzt geändert wurde, es richtigstellen und dort den abgesicherten Betrieb beenden.',
      ),
    'process-down': (f, subject) =>
      lines(
        `${subject} läuft nicht${f.text ? `: ${f.text}` : ''}`,
        'Es wird von selbst neu gestartet, mit wachsenden Pausen. Seine Arbeit steht so lange.',
        'Läuft es danach nicht: seine Logdatei lesen (Ordner „logs“), oder unten die Diagnosedaten holen und um Hilfe bitten.',
      ),
    'process-restarted': (f, subject) =>
      lines(
        `${subject} wurde ${f.at} neu gestartet (Neustart ${f.restarts} seit dem Start): ${f.text}`,
        'Was es in diesem Moment tat, wurde unterbrochen; seither geht es weiter.',
        'Einmal ist kein Grund zur Sorge. Geschieht es wieder, die Logdatei aus dieser Zeit lesen.',
      ),
    'process-silent': (f, subject) =>
      lines(
        `${subject} gibt seit ${f.ms} kein Lebenszeichen`,
        'Etwas hält es auf. Geht das so weiter, wird es beendet und neu gestartet.',
        'Bei der Ablaufumgebung: nach einem Funktionsknoten mit Endlosschleife oder einer sehr großen Nachricht suchen.',
      ),
    'process-lag': (f, subject) =>
      lines(
        `${subject} antwortet spät: ${f.ms}`,
        'So lange war es mit einer einzigen Sache beschäftigt, und alles andere wartete.',
        'Bleibt es so: weniger oder kleinere Nachrichten in Abläufen, oder ein schnellerer Rechner. Auch andere Programme auf diesem Rechner können die Ursache sein.',
      ),
    'process-memory': (f, subject) =>
      lines(
        `${subject} hat ${f.bytes} der ${f.limitBytes} Speicher belegt, die es haben darf`,
        'Es wird langsam und endet, wenn es mehr braucht; dann wird es neu gestartet.',
        'Bei der Ablaufumgebung: nach Abläufen suchen, die Nachrichten sammeln oder große Dateien im Kontext halten.',
      ),
    'memory-low': (f) =>
      lines(
        `Dieser Rechner hat nur noch ${f.freeBytes} Speicher frei`,
        'Ist keiner mehr da, beendet das System womöglich Programme.',
        'Andere Programme darauf schließen, oder mehr Speicher einbauen.',
      ),
    'database-away': () =>
      lines(
        'Die Datenbank antwortet nicht',
        'Gespeichert werden kann nichts, Abläufe warten. Maschinen laufen weiter, STOPP und HALT gehen; ist sie wieder da, geht es von selbst weiter.',
        'Bei einer eigenen Datenbank: Läuft sie, geht das Netz? Bei der mitgelieferten: Ist die Platte voll? Ihr Log ist postgres.log.',
      ),
    'database-slow': (f) =>
      lines(
        `Die Datenbank brauchte ${f.ms} für eine kleine Abfrage`,
        'Seiten und Abläufe warten auf sie.',
        'Nachsehen, ob die Platte beschäftigt ist (Sicherung, Virenscanner) oder der Rechner zu viel zu tun hat.',
      ),
    'database-connections': (f) =>
      lines(
        `${f.connections} von ${f.most} Verbindungen der Datenbank sind belegt`,
        'Ist keine mehr frei, werden neue abgewiesen.',
        'Nachsehen, welche anderen Programme diese Datenbank benutzen, oder in ihren Einstellungen mehr erlauben.',
      ),
    'database-query': (f) =>
      lines(
        `Eine Anweisung läuft seit ${f.seconds} s in der Datenbank`,
        'Sie hält womöglich andere auf.',
        'Eine lange Ausgabe oder ein Bericht kann der Grund sein. Sie sollte von selbst enden.',
      ),
    'redis-away': () =>
      lines(
        'Redis antwortet nicht',
        'Aufträge beginnen später, Zeitpläne warten; verloren ist nichts.',
        'Nachsehen, ob Redis läuft und die Adresse in REDIS_URL stimmt.',
      ),
    'queue-held': (f, subject) =>
      lines(
        `Die Warteschlange „${subject}“ ist angehalten, ${f.waiting} warten${f.why ? `: ${f.why}` : ''}`,
        'Nichts daraus beginnt, bis jemand sie freigibt.',
        'Den Grund beheben, dann auf der Seite „Aufträge“ freigeben.',
      ),
    'queue-late': (f, subject) =>
      lines(
        `In der Warteschlange „${subject}“ werden ${f.late} nicht rechtzeitig fertig`,
        'Sie sind fällig, bevor sie an die Reihe kommen können.',
        'Auf der Seite „Aufträge“ die Reihenfolge oder die Termine ändern.',
      ),
    'letters-open': (f, subject) =>
      lines(
        `Aus der Warteschlange „${subject}“ sind ${f.dead} gescheitert, und niemand hat sich gekümmert`,
        'Was davon abhängt, wartet.',
        'Auf der Seite „Aufträge“: noch einmal versuchen oder mit einem Grund beiseitelegen.',
      ),
    'disk-low': (f) =>
      lines(
        `Die Platte von ${f.path} füllt sich: ${f.freeBytes} frei`,
        'Ist sie fast voll, beginnt kein Programm mehr.',
        'Unten steht, was den Platz belegt. Sicherungen woandershin legen, weniger Laufverlauf aufbewahren, oder eine größere Platte nehmen.',
      ),
    'disk-critical': (f) =>
      lines(
        `Die Platte von ${f.path} ist fast voll: ${f.freeBytes} frei`,
        'Kein Programm beginnt, Schritte von Läufen werden nicht aufgezeichnet. Was läuft, läuft weiter; Tippen, Referenzfahrt, STOPP und HALT gehen.',
        'Jetzt Platz schaffen: unten „Jetzt löschen“, Sicherungen und Dateien anderer Programme. Dann geht es von selbst weiter; angehaltene Warteschlangen werden auf der Seite „Aufträge“ freigegeben.',
      ),
    'disk-full': (f) =>
      lines(
        `Die Platte von ${f.path} ist voll: ${f.freeBytes} frei`,
        'Gespeichert werden kann nichts. Was bestätigt wurde, ist sicher; STOPP und HALT gehen.',
        'Jetzt Platz schaffen, am besten mit Dateien anderer Programme und alten Sicherungen: Der Datenbank fehlt womöglich der Platz zum Löschen.',
      ),
    'space-over': (f, subject) =>
      lines(
        `${subject}: ${f.bytes}, mehr als die erlaubten ${f.limitBytes}`,
        'Was da ist, muss noch bleiben: Es ist zu jung, oder über ein gescheitertes Programm hat niemand entschieden.',
        'Gescheiterte Programme auf der Seite „Aufträge“ erledigen, oder unten die Grenzen ändern.',
      ),
    'guard-away': (_, subject) =>
      lines(
        `Der Wächter von ${subject} antwortet nicht`,
        'Die Maschine lässt sich von hier weder bewegen noch anhalten. Ihren Not-Halt benutzen.',
        'Er wird von selbst neu gestartet. Kommt er nicht, seine Logdatei lesen.',
      ),
    'link-lost': (_, subject) =>
      lines(
        `Die Verbindung zu ${subject} ist verloren`,
        'Über die Maschine ist nichts bekannt; bewegt sie sich, ihren Not-Halt benutzen.',
        'Ist sie eingeschaltet, steckt das Kabel, heißt der Anschluss noch gleich? Siehe Seite „Maschinen“.',
      ),
    'link-silent': (f, subject) =>
      lines(
        `Die Steuerung von ${subject} sagt seit ${f.ms} nichts`,
        'Sie ist beschäftigt, oder Kabel oder Entstörung sind schlecht.',
        'Kabel und Anschluss ansehen. Geschieht es bei laufender Spindel, nach Störungen suchen.',
      ),
    'clock-off': (f) =>
      lines(
        `Die Uhr dieses Rechners und die der Datenbank gehen ${f.ms} auseinander`,
        'Zeiten von Läufen, Aufträgen und Zeitplänen passen nicht zusammen.',
        'Beide von einem Zeitserver (NTP) stellen lassen.',
      ),
    'clock-jumped': (f) =>
      lines(
        `Die Uhr dieses Rechners sprang um ${f.ms} (${f.at})`,
        'Sie wurde gestellt, oder der Rechner schlief. Zeiten davor und danach passen nicht zusammen; Zeitpläne dazwischen begannen nicht.',
        'Von einem Zeitserver (NTP) stellen lassen, und den Ruhezustand an einem Rechner ausschalten, der Maschinen fährt.',
      ),
    'tls-trouble': (f) =>
      lines(
        `Das neue Zertifikat lässt sich nicht verwenden: ${f.text}`,
        'Gezeigt wird noch das vorige, bis es endet.',
        'Das Zertifikat (mit seiner Kette) und den zugehörigen Schlüssel an ihren Platz legen; sie werden von selbst neu gelesen.',
      ),
    'tls-ends': (f) =>
      lines(
        `Das Zertifikat endet in ${f.days} Tagen (${f.at})`,
        'Dann zeigen Browser und Bedienfelder die Seiten nicht mehr.',
        'Ein neues an seinen Platz legen; es wird ohne Neustart gelesen.',
      ),
    'tls-ended': (f) =>
      lines(`Das Zertifikat endete am ${f.at}`, 'Browser und Bedienfelder zeigen die Seiten nicht mehr.', 'Jetzt ein neues an seinen Platz legen.'),
    'backup-never': () =>
      lines(
        'Es gibt keine Sicherung',
        'Was auf dieser Platte ist, geht mit ihr verloren.',
        'Unter „Sicherung“ eine einrichten, auf einem anderen Rechner oder einer anderen Platte.',
      ),
    'backup-old': (f) =>
      lines(
        `Die letzte Sicherung ist ${f.days} Tage alt`,
        'Was seither getan wurde, geht mit dieser Platte verloren.',
        'Unter „Sicherung“ nachsehen, warum keine erstellt wurde.',
      ),
    'backup-failed': (f) =>
      lines(`Die letzte Sicherung ist gescheitert: ${f.text}`, 'Die davor ist noch da.', 'Den Grund beheben, dann unter „Sicherung“ eine erstellen.'),
    'host-silent': (_, subject) =>
      lines(
        `Der Rechner ${subject} gibt kein Lebenszeichen`,
        'Seine Maschinen sind von hier nicht zu erreichen, ihre Programme warten auf ihn.',
        'Nachsehen, ob er läuft und sein Netz geht.',
      ),
  },
  processes: {
    title: 'Prozesse',
    process: 'Prozess',
    state: 'Zustand',
    since: 'Seit',
    restarts: 'Neustarts',
    lag: 'Verzögerung',
    memory: 'Speicher',
    cpu: 'Prozessor',
    names: {
      launcher: 'Starter',
      postgres: 'Datenbank (PostgreSQL)',
      gateway: 'Gateway',
      runtime: 'Ablaufumgebung',
      'connector-host': 'Verbindungen',
      guard: (machine) => `Wächter von ${machine}`,
      virtual: (machine) => `Virtuelle Steuerung von ${machine}`,
      helper: (what) => `Helfer: ${what}`,
      rehearsal: 'Probelauf',
    },
    states: { starting: 'startet', running: 'läuft', restarting: 'wird neu gestartet', stopped: 'beendet', failed: 'gescheitert' },
    silent: (span) => `kein Lebenszeichen seit ${span}`,
    pid: (pid) => `Prozess ${pid}`,
    lastEnd: (text, at) => `${at}: ${text}`,
    memoryOf: (rss, heap, limit) => `${rss}, davon ${heap} JavaScript (höchstens ${limit})`,
    fromSystem: 'laut System',
    unknown: 'nicht bekannt',
    computer: 'Dieser Rechner',
    free: (free, total) => `${free} von ${total} Speicher frei`,
    limited: (limit) => `begrenzt auf ${limit}`,
    load: (load, cores) => `Last ${load} auf ${cores} Prozessoren`,
  },
  space: {
    title: 'Speicherplatz',
    disk: (free, total, path) => `${free} von ${total} frei auf der Platte von ${path}`,
    used: (percent) => `${percent} % belegt`,
    states: { ok: 'genug Platz', low: 'füllt sich', critical: 'fast voll', full: 'voll', unknown: 'nicht bekannt' },
    marks: (low, critical) => `Bei weniger als ${low} wird gewarnt; bei weniger als ${critical} beginnt kein Programm.`,
    what: 'Was den Platz belegt',
    measured: (at) => `Gemessen ${at}.`,
    measuring: 'Es wird zum ersten Mal gemessen.',
    of: (bytes, limit) => `${bytes} von ${limit}`,
    onDisk: (bytes) => `${bytes} auf der Platte, mit ihrem Log und dem Platz gelöschter Zeilen, den sie wieder benutzt.`,
    kinds: {
      database: 'Datenbank',
      runs: 'Laufverlauf (in der Datenbank)',
      journals: 'Journale der Maschinen',
      programs: 'Programme',
      files: 'Vorlagen und andere Dateien',
      logs: 'Logs',
      backups: 'Sicherungen',
      palette: 'Installierte Module',
      mirror: 'Git-Spiegel',
    },
    groups: {
      runs: 'Läufe',
      jobs: 'Aufträge',
      audit: 'Protokoll',
      quality: 'Qualität',
      flows: 'Abläufe und Versionen',
      connections: 'Verbindungen und Auslöser',
      other: 'anderes',
    },
    when: {
      database:
        'Überschreitet sie ihre Grenze, wird Verlauf vor der Zeit gelöscht, das Älteste zuerst: was Schritte bekamen, dann Läufe, Auslösungen, verschickte Meldungen, beendete Aufträge. Nie: was jünger als ein Tag ist (Aufträge: eine Woche), was läuft, wartet oder offen ist, Protokoll, Qualität, Arbeitsaufträge, Versionen.',
      runs: 'Die ältesten Läufe werden gelöscht, wenn es mehr sind, als auf der Seite „Läufe“ eingestellt ist.',
      journals: (days) =>
        `Gelöscht wird, was älter als ${days} Tage ist, das Älteste zuerst, wenn alle zusammen ihre Grenze überschreiten; nie die eines Programms, über das niemand entschieden hat.`,
      programs: (days) => `Was in der Bibliothek ist oder ein Auftrag nennt, wird nie gelöscht; alles andere nach ${days} Tagen.`,
      files: (days) =>
        `Was eine Seite auflistet, wird nie gelöscht: dort entfernen. Unfertige Dateien werden nach einem Tag gelöscht, Dateien von Vorlagen ohne Eintrag nach ${days} Tagen.`,
      logs: 'Die ältesten abgelegten Dateien werden gelöscht, wenn alle zusammen ihre Grenze überschreiten.',
      backups: 'Wie unter „Sicherung“ eingestellt.',
      palette: 'Nichts wird von selbst gelöscht; ein entferntes oder ersetztes Modul hinterlässt nichts.',
      mirror: (days) => `Seine Commits sind der Verlauf und bleiben. Einer, der nicht zu lesen war und beiseitegelegt wurde, wird nach ${days} Tagen gelöscht.`,
    },
    change: 'Grenzen ändern',
    sweep: 'Jetzt löschen',
    swept: (bytes) => `${bytes} an alten Journalen, Logs, ungenutzten Programmen und Verlauf wurden gelöscht.`,
    sweeping: 'Es wird gelöscht. Das dauert eine Weile und geht weiter, wenn diese Seite verlassen wird.',
    sweptNothing: 'Keine Grenze war überschritten: Es gab nichts zu löschen.',
    setBy: (who, at) => `Eingestellt von ${who}, ${at}.`,
    rule: {
      journalDays: 'Journale mindestens behalten (Tage)',
      journalMb: 'Journale dieses Rechners dürfen belegen (MB)',
      programDays: 'Ungenutzte Programme behalten (Tage)',
      logMb: 'Logs dieses Rechners dürfen belegen (MB)',
      databaseMb: 'Die Datenbank darf belegen (MB)',
    },
    save: 'Speichern',
    usual: 'Voreinstellung',
    cancel: 'Abbrechen',
    saved: 'Gespeichert. Was darüber hinausgeht, wird innerhalb einer Stunde gelöscht.',
  },
  facts: {
    database: 'Datenbank',
    databaseKinds: { embedded: 'mitgeliefert', own: 'eigene' },
    databaseSays: (version, kind) => `PostgreSQL ${version}, ${kind}`,
    databaseAway: 'antwortet nicht',
    connections: (used, most) => `${used} von ${most} Verbindungen, `,
    answers: (ms) => `antwortet in ${ms} ms`,
    redis: 'Redis',
    redisStates: { none: 'nicht benutzt', ok: 'antwortet', away: 'antwortet nicht' },
    queues: 'Warteschlangen',
    queue: 'Warteschlange',
    waiting: 'Wartend',
    active: 'In Arbeit',
    dead: 'Gescheitert, offen',
    queueNames: { flow: 'Aufträge an Abläufe', adapter: 'Rückmeldungen', maintenance: 'Wartung' },
    held: 'angehalten',
    machines: 'Verbindungen zu Maschinen',
    noMachines: 'An diesem Rechner hängt keine Maschine. Auf der Seite „Maschinen“ eine einrichten.',
    guards: { running: 'Wächter läuft', starting: 'Wächter startet', gone: 'Wächter antwortet nicht' },
    links: { connecting: 'wird verbunden', connected: 'verbunden', lost: 'verloren', 'waiting-for-person': 'wartet auf einen Menschen' },
    reported: (span) => `letzte Meldung vor ${span}`,
    virtual: 'virtuell',
    rest: 'Uhr, Zertifikat, Versionen',
    clock: 'Uhr',
    clockOff: (ms) => `${ms} ms gegen die Datenbank`,
    clockUnknown: 'nicht bekannt: Die Datenbank antwortet nicht',
    jumped: (ms, at) => `sprang um ${ms} am ${at}`,
    certificate: 'Zertifikat',
    certificateEnds: (at, names) => `bis ${at}, für ${names}`,
    noCertificate: 'keines: Dieser Anschluss spricht HTTP',
    backup: 'Letzte Sicherung',
    noBackup: 'keine',
    version: 'Cellwright',
    versionSince: (version, at) => `${version}, seit ${at}`,
    schema: 'Schema',
    node: 'Node',
    system: 'System',
  },
  diagnostics: {
    title: 'Diagnosedaten',
    says: 'Eine Datei für jemanden, der helfen soll: Logs, Einstellungen, Prozesse, was oben steht, Abläufe, Fehler von Läufen. Passwörter, Schlüssel und Token sind entfernt.',
    read: 'Vor dem Verschicken öffnen und lesen, was darin steht: Namen, Programme und Nachrichten Ihres Betriebs sind dabei.',
    make: 'Diagnosedaten holen',
    failed: (why) => `Sie ließen sich nicht zusammenstellen: ${why}`,
  },
}
