/** German for the nodes of `nodes/jobs`: by type, and there by the English text of the declaration. */
export const jobs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'cw-job-in': {
    'job in': 'Auftragseingang',
    'Starts the flow of a job: what "enqueue" queued under this name comes out here when its turn comes.':
      'Startet den Ablauf eines Auftrags: Was „Einreihen“ unter diesem Namen einreiht, kommt hier heraus, wenn es an der Reihe ist.',
    job: 'Auftrag',
    'One "job in" for each name.': 'Ein „Auftragseingang“ je Name.',
  },
  'cw-job-out': {
    'job out': 'Auftragsende',
    'Ends the job that the message belongs to, with its outcome.': 'Beendet den Auftrag, zu dem die Nachricht gehört, mit seinem Ergebnis.',
    'The job has': 'Der Auftrag ist',
    Outcome: 'Ergebnis',
    'Kept with the job.': 'Bleibt beim Auftrag.',
  },
  'cw-enqueue': {
    enqueue: 'Einreihen',
    'Queues a job for the "job in" node of that name, and goes on at once or with its outcome.':
      'Reiht einen Auftrag für den „Auftragseingang“ dieses Namens ein und geht sofort weiter oder mit seinem Ergebnis.',
    queued: 'eingereiht',
    'not completed': 'nicht fertig geworden',
    'What the job gets as msg.payload. Must be JSON.': 'Was der Auftrag als msg.payload bekommt. Muss JSON sein.',
    'The same value is one job, however often it comes, e.g. the work order number.':
      'Derselbe Wert ist ein Auftrag, so oft er auch kommt, z. B. die Nummer des Fertigungsauftrags.',
    Priority: 'Rang',
    'Lowest first; 0 is usual, first in, first out.': 'Der kleinste zuerst; üblich ist 0: Wer zuerst kommt, ist zuerst dran.',
    Due: 'Fällig',
    'When it should be done: ISO time or milliseconds since 1970. The job board shows what will be late.':
      'Wann er fertig sein soll: ISO-Zeit oder Millisekunden seit 1970. Die Auftragstafel zeigt, was zu spät wird.',
    'Not before': 'Nicht vor',
    'It waits until then, and others overtake it.': 'Bis dahin wartet er, und andere überholen ihn.',
    'When it has not begun by then, it fails.': 'Hat er bis dahin nicht begonnen, schlägt er fehl.',
    'Depends on': 'Hängt ab von',
    'Job ids (msg.queued.jobId of another enqueue, or a list): it waits until they have completed.':
      'Kennungen von Aufträgen (msg.queued.jobId eines anderen „Einreihen“, oder eine Liste): Er wartet, bis sie fertig sind.',
    'If one of those fails': 'Wenn einer davon fehlschlägt',
    'fail too': 'auch fehlschlagen',
    'go on all the same': 'trotzdem weitermachen',
    'Wait for the outcome': 'Auf das Ergebnis warten',
  },
  'cw-job-progress': {
    'job progress': 'Auftragsfortschritt',
    'Tells how far the job of the message is: the job board and whoever waits for it see it.':
      'Sagt, wie weit der Auftrag der Nachricht ist: Die Auftragstafel und wer auf ihn wartet sehen es.',
    Done: 'Getan',
    'How much of it is done.': 'Wie viel davon getan ist.',
    Of: 'Von',
    'How much it is in all, e.g. 100.': 'Wie viel es insgesamt ist, z. B. 100.',
    'What is being done': 'Was gerade getan wird',
  },
  'cw-queue-control': {
    'queue control': 'Warteschlange steuern',
    'Holds, drains or releases a queue. What runs goes on; a released machine runs what waits for it.':
      'Hält eine Warteschlange an, lässt sie leerlaufen oder gibt sie frei. Was läuft, läuft weiter; eine freigegebene Maschine fährt, was auf sie wartet.',
    'hold: nothing new begins': 'anhalten: nichts Neues beginnt',
    'drain: work off what waits, take nothing new': 'leerlaufen: abarbeiten, was wartet, nichts Neues annehmen',
    release: 'freigeben',
    Queue: 'Warteschlange',
    'of a machine': 'einer Maschine',
    'flow jobs': 'Aufträge von Abläufen',
    'to outside systems': 'an Systeme außerhalb',
    Why: 'Warum',
    'Shown on the job board while it is held.': 'Steht auf der Auftragstafel, solange sie angehalten ist.',
  },
}
