/** German for the nodes of `nodes/orchestration`: by type, and there by the English text of the declaration. */
const afterRestart = (what: string) =>
  `Was geschieht, wenn die Ablaufumgebung neu gestartet wurde, während ${what} unterwegs war: Niemand weiß, wie weit das kam. Steht dahinter ein Knoten, der auf eine Maschine wirkt, wird immer eine Person gefragt.`

export const orchestration: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'cw-wait-until': {
    'wait until': 'Warten bis',
    'Holds a message until a time, or for a while; a restart does not forget it.':
      'Hält eine Nachricht bis zu einer Zeit oder für eine Weile; ein Neustart vergisst sie nicht.',
    due: 'fällig',
    Wait: 'Warten',
    'for a while': 'eine Weile',
    'until a date and time': 'bis Datum und Uhrzeit',
    'until the next time of day': 'bis zur nächsten Uhrzeit',
    'How long': 'Wie lange',
    'A clock that is set does not change it.': 'Eine verstellte Uhr ändert daran nichts.',
    'Date and time': 'Datum und Uhrzeit',
    'ISO text (2026-11-30T06:00) or milliseconds since 1970. In the past: goes on at once.':
      'ISO-Text (2026-11-30T06:00) oder Millisekunden seit 1970. In der Vergangenheit: geht sofort weiter.',
    'Hours and minutes in the time of this server, as 06:00.': 'Stunden und Minuten in der Zeit dieses Servers, wie 06:00.',
  },
  'cw-wait-event': {
    'wait for event': 'Auf Ereignis warten',
    'Holds a message until an event happens: an "emit" of a flow, or a call of the API, with the right key.':
      'Hält eine Nachricht, bis ein Ereignis geschieht: ein „Ereignis melden“ eines Ablaufs oder ein Aufruf der API, mit dem richtigen Schlüssel.',
    happened: 'geschehen',
    Event: 'Ereignis',
    'As in "emit", or in POST /api/events/<name>.': 'Wie in „Ereignis melden“ oder in POST /api/events/<Name>.',
    'Only with the key': 'Nur mit dem Schlüssel',
    'So that each message waits for its own event, e.g. by the number of its work order. Empty: any.':
      'Damit jede Nachricht auf ihr eigenes Ereignis wartet, z. B. nach der Nummer ihres Fertigungsauftrags. Leer: auf jedes.',
  },
  'cw-wait-person': {
    'wait for a person': 'Auf Person warten',
    'Asks a person to approve, refuse or enter values, on the operator panel or over the API, and waits for the answer.':
      'Bittet eine Person um Freigabe, Ablehnung oder Werte, auf der Bedienseite oder über die API, und wartet auf die Antwort.',
    approved: 'freigegeben',
    escalated: 'überfällig gemeldet',
    Question: 'Frage',
    'One line, as it stands on the card.': 'Eine Zeile, wie sie auf der Karte steht.',
    Details: 'Einzelheiten',
    'What it is about, and what happens after each answer.': 'Worum es geht, und was nach jeder Antwort geschieht.',
    'Needed to approve.': 'Zur Freigabe nötig.',
    'Word for yes': 'Wort für Ja',
    'Word for no': 'Wort für Nein',
    'Empty: there is only the yes.': 'Leer: Es gibt nur das Ja.',
    'Who may answer': 'Wer antworten darf',
    'whoever may press flow buttons': 'wer Tasten von Abläufen drücken darf',
    'whoever may operate machines': 'wer Maschinen bedienen darf',
    engineers: 'die Technik',
    'Shows the card with this machine.': 'Zeigt die Karte bei dieser Maschine.',
    'Escalate after': 'Überfällig nach',
    'Without an answer the message also comes out of "escalated", to tell somebody else; the card stays. 0: never.':
      'Ohne Antwort kommt die Nachricht auch aus „überfällig gemeldet“ heraus, um es jemand anderem zu sagen; die Karte bleibt. 0: nie.',
    'Then the card is taken back. 0 waits for ever.': 'Danach wird die Karte zurückgenommen. 0 wartet ohne Ende.',
  },
  'cw-sequence': {
    sequence: 'Nacheinander',
    'Runs its branches one after the other: each begins when the one before is back.':
      'Führt seine Zweige nacheinander aus: Jeder beginnt, wenn der davor zurück ist.',
    'step 1': 'Schritt 1',
    'step 2': 'Schritt 2',
    'step 3': 'Schritt 3',
    'step 4': 'Schritt 4',
    'step 5': 'Schritt 5',
    'step 6': 'Schritt 6',
    'A step may take': 'Ein Schritt darf dauern',
    'What happens when the flow runtime was restarted while a step was in the flow: nobody knows how far it came. With a node behind it that acts on a machine, a person is always asked.':
      afterRestart('ein Schritt'),
  },
  'cw-parallel': {
    parallel: 'Parallel',
    'Sends a message down several branches at once and joins them again: all, the first, or so many.':
      'Schickt eine Nachricht in mehrere Zweige zugleich und führt sie wieder zusammen: alle, den ersten oder so viele.',
    'branch 1': 'Zweig 1',
    'branch 2': 'Zweig 2',
    'branch 3': 'Zweig 3',
    'branch 4': 'Zweig 4',
    joined: 'zusammengeführt',
    'not joined': 'nicht zusammengeführt',
    'Join when': 'Zusammenführen, wenn',
    'all branches are back': 'alle Zweige zurück sind',
    'the first branch is back': 'der erste Zweig zurück ist',
    'so many branches are back': 'so viele Zweige zurück sind',
    'How many': 'Wie viele',
  },
  'cw-for-each': {
    'for each': 'Für jedes',
    'Sends each item of a list through the nodes behind it, one or several at a time, and collects what comes back.':
      'Schickt jeden Eintrag einer Liste durch die Knoten dahinter, einen oder mehrere zugleich, und sammelt, was zurückkommt.',
    'each item': 'jeder Eintrag',
    'all done': 'alle fertig',
    List: 'Liste',
    'At a time': 'Zugleich',
    '1: the next item begins when the one before is back.': '1: Der nächste Eintrag beginnt, wenn der davor zurück ist.',
    'When an item fails': 'Wenn ein Eintrag fehlschlägt',
    'begin no more, and fail': 'keinen mehr beginnen, und fehlschlagen',
    'go on with the others': 'mit den anderen weitermachen',
    'An item may take': 'Ein Eintrag darf dauern',
    'What happens when the flow runtime was restarted while an item was in the flow: nobody knows how far it came. With a node behind it that acts on a machine, a person is always asked.':
      afterRestart('ein Eintrag'),
  },
  'cw-loop': {
    loop: 'Schleife',
    'Sends a message round and round as long as a condition holds, and never more often than you say.':
      'Schickt eine Nachricht im Kreis, solange eine Bedingung gilt, und nie öfter als angegeben.',
    round: 'Runde',
    'limit reached': 'Grenze erreicht',
    'Another round while': 'Noch eine Runde, solange',
    'Read from the message that came back; true begins another round.': 'Gelesen aus der Nachricht, die zurückkam; true beginnt noch eine Runde.',
    'Rounds at most': 'Höchstens Runden',
    'Pause between': 'Pause dazwischen',
    'A round may take': 'Eine Runde darf dauern',
    'What happens when the flow runtime was restarted while a round was in the flow: nobody knows how far it came. With a node behind it that acts on a machine, a person is always asked.':
      afterRestart('eine Runde'),
  },
  'cw-try': {
    'Runs a branch; when it fails, undoes what was done (newest first), then runs "catch", and "finally" in any case.':
      'Führt einen Zweig aus; schlägt er fehl, wird das Getane rückgängig gemacht (das Neueste zuerst), dann folgt „bei Fehler“ und in jedem Fall „zum Schluss“.',
    catch: 'bei Fehler',
    finally: 'zum Schluss',
    'The branch may take': 'Der Zweig darf dauern',
  },
  'cw-undo': {
    'Remembers how to undo what was just done: when the "try" around it fails later, the message comes out of "undo".':
      'Merkt sich, wie das eben Getane rückgängig wird: Schlägt der „Versuch“ darum später fehl, kommt die Nachricht aus „Rückgängig“ heraus.',
    'go on': 'weiter',
  },
  'cw-retry': {
    retry: 'Wiederholen',
    'Tries the nodes behind it again when they fail, with growing pauses, so many times at most.':
      'Versucht die Knoten dahinter noch einmal, wenn sie fehlschlagen, mit wachsenden Pausen, höchstens so oft.',
    'gave up': 'aufgegeben',
    'Tries at most': 'Höchstens Versuche',
    'First pause': 'Erste Pause',
    'Each pause longer by': 'Jede Pause länger um das',
    '2: twice as long each time.': '2: jedes Mal doppelt so lang.',
    'Longest pause': 'Längste Pause',
    'A try may take': 'Ein Versuch darf dauern',
    'What happens when the flow runtime was restarted while a try was in the flow: nobody knows how far it came. With a node behind it that acts on a machine, a person is always asked.':
      afterRestart('ein Versuch'),
  },
  'cw-return': {
    return: 'Zurück',
    'Ends a branch: gives its message back to the step around it (for each, parallel, try, lock, call flow, …).':
      'Beendet einen Zweig: gibt seine Nachricht dem Schritt darum zurück („Für jedes“, „Parallel“, „Versuch“, „Sperre“, „Ablauf aufrufen“, …).',
    'The branch has': 'Der Zweig ist',
    'done its work': 'fertig',
  },
  'cw-lock': {
    lock: 'Sperre',
    'Waits until a shared robot, fixture, tool or person is free, and keeps it for the nodes behind until they return.':
      'Wartet, bis ein gemeinsamer Roboter, eine Vorrichtung, ein Werkzeug oder eine Person frei ist, und hält sie für die Knoten dahinter, bis diese zurück sind.',
    'with it': 'damit',
    returned: 'zurückgegeben',
    'not in time': 'nicht rechtzeitig',
    Resource: 'Betriebsmittel',
    'The same name in any flow is the same thing.': 'Derselbe Name in irgendeinem Ablauf ist dieselbe Sache.',
    'Keep at most': 'Höchstens halten',
    'Then the next one gets it, and this branch counts as failed. 0: until it returns.':
      'Dann bekommt es der Nächste, und dieser Zweig gilt als fehlgeschlagen. 0: bis er zurück ist.',
    'What happens when the flow runtime was restarted while the branch was in the flow: nobody knows how far it came. With a node behind it that acts on a machine, a person is always asked.':
      afterRestart('der Zweig'),
  },
  'cw-rate-gate': {
    'rate gate': 'Durchsatzgrenze',
    'Lets so many messages through in a period, in order; the others wait, or go another way.':
      'Lässt in einem Zeitraum so viele Nachrichten durch, der Reihe nach; die anderen warten oder gehen einen anderen Weg.',
    passes: 'durch',
    'too many': 'zu viele',
    Messages: 'Nachrichten',
    'In a period of': 'In einem Zeitraum von',
    'Beyond that': 'Was darüber ist',
    'wait for their turn': 'wartet, bis es dran ist',
    'go out at "too many"': 'geht bei „zu viele“ hinaus',
    'Those that would wait longer go out at "too many" at once. 0: as long as it takes.':
      'Was länger warten müsste, geht sofort bei „zu viele“ hinaus. 0: so lange, wie es dauert.',
    'Shared as': 'Gemeinsam als',
    'Gates of one name, in any flow, count together. Empty: this node alone.':
      'Grenzen eines Namens zählen zusammen, in welchem Ablauf auch immer. Leer: dieser Knoten allein.',
  },
  'cw-call-flow': {
    'call flow': 'Ablauf aufrufen',
    'Hands a message to another flow by its name and waits for its answer.':
      'Gibt eine Nachricht einem anderen Ablauf, mit dessen Namen, und wartet auf seine Antwort.',
    answer: 'Antwort',
    Flow: 'Ablauf',
    'The name of its "flow begin".': 'Der Name seines „Ablaufbeginns“.',
    'Answer within': 'Antwort innerhalb von',
    'What happens when the flow runtime was restarted while the call was in the flow: nobody knows how far it came. With a node behind it that acts on a machine, a person is always asked.':
      afterRestart('der Aufruf'),
  },
  'cw-flow-begin': {
    'flow begin': 'Ablaufbeginn',
    'Begins a flow that others call by its name; it ends with a "return".':
      'Beginnt einen Ablauf, den andere mit seinem Namen aufrufen; er endet mit „Zurück“.',
    call: 'Aufruf',
    'Name of the flow': 'Name des Ablaufs',
    'One "flow begin" for each name.': 'Ein „Ablaufbeginn“ je Name.',
  },
  'cw-stop-work': {
    'stop everything': 'Alles beenden',
    'Ends what runs wait for, cancels their waiting jobs and halts their messages. It replaces no emergency stop.':
      'Beendet, worauf Läufe warten, nimmt ihre wartenden Aufträge zurück und hält ihre Nachrichten an. Es ersetzt keinen Not-Halt.',
    Stop: 'Beenden',
    'what else this run does': 'was dieser Lauf sonst noch tut',
    'all runs of this flow': 'alle Läufe dieses Ablaufs',
    'all runs of all flows': 'alle Läufe aller Abläufe',
    Reason: 'Grund',
    'Stands in the history of each run.': 'Steht im Verlauf jedes Laufs.',
    'A software hold or stop. It does not replace the emergency stop of the machine.':
      'Ein Halt oder Stopp durch die Software. Er ersetzt nicht den Not-Halt der Maschine.',
    'leave machines alone': 'Maschinen nicht anrühren',
    'hold the machine below': 'die Maschine unten anhalten',
    'stop the machine below': 'die Maschine unten stoppen',
    'Which machine': 'Welche Maschine',
  },
}
