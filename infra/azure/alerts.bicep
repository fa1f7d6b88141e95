// What somebody must be told of: docs/deploy.md says what to do about each.
param name string
param location string
param workspaceId string
param email string

// severity 1: act now; 2: today
var alerts = [
  {
    key: 'failing'
    severity: 1
    says: 'More than 20 requests or invocations failed within 5 minutes.'
    every: 'PT5M'
    above: 20
    query: 'AppRequests | where Success == false and toint(ResultCode) >= 500 or (Success == false and isempty(ResultCode))'
  }
  {
    key: 'parked'
    severity: 1
    says: 'Work was parked or put on a poison queue.'
    every: 'PT15M'
    above: 0
    query: 'AppTraces | where Message has_any ("activity_batch_parked", "-poison", "job_failed")'
  }
  {
    key: 'lost'
    severity: 1
    says: 'Visits, events or decisions were dropped because nothing took them, or an archive cannot be read back.'
    every: 'PT15M'
    above: 0
    query: 'AppTraces | where Message has_any ("activity_lost", "events_lost", "decisions_lost", "archive_blob_spoiled")'
  }
  {
    key: 'mended'
    severity: 2
    says: 'A figure was not what its rows say, and was mended in the night.'
    every: 'PT1H'
    above: 0
    query: 'AppTraces | where Message has "figures_proved" and SeverityLevel >= 3'
  }
  {
    key: 'credits'
    severity: 1
    says: 'A ledger of credits does not add up.'
    every: 'PT1H'
    above: 0
    query: 'AppTraces | where Message has "credits_do_not_add_up"'
  }
  {
    key: 'stale'
    severity: 2
    says: 'Instances decide with campaigns that they cannot refresh.'
    every: 'PT15M'
    above: 10
    query: 'AppTraces | where Message has "campaigns_stale"'
  }
  {
    key: 'critical'
    severity: 1
    says: 'A figure of /api/ops/metrics was critical for minutes: a queue, staged batches, the stores or their budget.'
    every: 'PT15M'
    above: 3
    query: 'AppTraces | where Message has "beyond_threshold_critical"'
  }
  {
    key: 'beyond'
    severity: 2
    says: 'A figure of /api/ops/metrics stayed beyond its threshold: queue_waiting, firestore_writes_per_second, mongo_update_seconds, ….'
    every: 'PT15M'
    above: 10
    query: 'AppTraces | where Message has "beyond_threshold_warning"'
  }
  {
    key: 'shed'
    severity: 2
    says: 'Work was left out because the day\'s budget of Firestore operations is spent.'
    every: 'PT1H'
    above: 0
    query: 'AppTraces | where Message has "work_shed"'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-people'
  location: 'global'
  properties: {
    enabled: true
    groupShortName: take(name, 12)
    emailReceivers: [{ name: 'first', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-03-15-preview' = [
  for alert in alerts: {
    name: '${name}-${alert.key}'
    location: location
    properties: {
      description: alert.says
      enabled: true
      severity: alert.severity
      scopes: [workspaceId]
      evaluationFrequency: alert.every
      windowSize: alert.every
      criteria: {
        allOf: [{ query: alert.query, timeAggregation: 'Count', operator: 'GreaterThan', threshold: alert.above }]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]
