// What Cabeceo needs in Azure: one Functions app on Flex Consumption, its storage account, a vault, and telemetry with alerts.
// Firestore and MongoDB live elsewhere; their addresses are given (docs/deploy.md).
targetScope = 'resourceGroup'

@description('Short name that the resources begin with.')
@minLength(3)
@maxLength(11)
param name string = 'cabeceo'

param location string = resourceGroup().location

@description('Which installation this is: it names the deliveries collection.')
param environmentName string = 'production'

@description('Firebase project: Firestore, and the audience of ID tokens.')
param firebaseProject string

@description('Front ends that browsers may call from, separated by spaces.')
param corsOrigins string = 'https://tangotiempo.com https://www.tangotiempo.com'

@description('Where people reach this installation: links in messages begin with it.')
param publicUrl string

@description('Key of visitor hashes: at least 32 random characters, never changed.')
@secure()
@minLength(32)
param hashSecret string

@description('Keys of tokens and cursors, newest first, separated by spaces.')
@secure()
@minLength(32)
param signingSecrets string

@description('Connection string of MongoDB (Atlas or Azure DocumentDB).')
@secure()
param mongodbUri string

@description('Who is told when an alert fires.')
param alertEmail string

@description('More settings, by name: docs/reference/settings.md.')
param settings object = {}

var suffix = uniqueString(resourceGroup().id, name)
var packages = 'app-package'
var roles = {
  blobs: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: take('${name}${suffix}', 24)
  location: location
  sku: { name: 'Standard_ZRS' }
  kind: 'StorageV2'
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
  resource blobs 'blobServices' = {
    name: 'default'
    resource package 'containers' = { name: packages }
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs-${suffix}'
  location: location
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights-${suffix}'
  location: location
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: logs.id }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take('${name}-${suffix}', 24)
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
  }
  resource hashing 'secrets' = { name: 'hash-secret', properties: { value: hashSecret } }
  resource signing 'secrets' = { name: 'signing-secrets', properties: { value: signingSecrets } }
  resource mongodb 'secrets' = { name: 'mongodb-uri', properties: { value: mongodbUri } }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${name}-plan-${suffix}'
  location: location
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: '${name}-${suffix}'
  location: location
  kind: 'functionapp,linux'
  tags: { 'azd-service-name': 'functions' }
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packages}'
          authentication: { type: 'SystemAssignedIdentity' }
        }
      }
      // for Python the platform's default is one request at a time; ours wait for stores most of theirs
      scaleAndConcurrency: { maximumInstanceCount: 100, instanceMemoryMB: 2048, triggers: { http: { perInstanceConcurrency: 16 } } }
      runtime: { name: 'python', version: '3.12' }
    }
  }
  resource configuration 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storage.name
        AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
        AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
        AzureWebJobsStorage__credential: 'managedidentity'
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        CABECEO_ENV: environmentName
        DOCUMENTS: 'firestore'
        QUEUES: 'azure'
        BLOBS: 'azure'
        ANALYTICS: 'mongo'
        MONGODB_URI: '@Microsoft.KeyVault(SecretUri=${vault::mongodb.properties.secretUri})'
        IDENTITY: 'firebase'
        PUSH: 'fcm'
        GOOGLE_CLOUD_PROJECT: firebaseProject
        CORS_ORIGINS: corsOrigins
        PUBLIC_URL: publicUrl
        HASH_SECRET: '@Microsoft.KeyVault(SecretUri=${vault::hashing.properties.secretUri})'
        SIGNING_SECRETS: '@Microsoft.KeyVault(SecretUri=${vault::signing.properties.secretUri})'
      },
      settings
    )
    dependsOn: [mayReadSecrets]
  }
}

resource mayUseStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    name: guid(storage.id, app.name, role.value)
    scope: storage
    properties: {
      principalId: app.identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

resource mayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, app.name, 'secrets')
  scope: vault
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    // Key Vault Secrets User
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
  }
}

module alerts 'alerts.bicep' = {
  name: 'alerts'
  params: { name: name, location: location, workspaceId: logs.id, email: alertEmail }
}

output address string = 'https://${app.properties.defaultHostName}/api'
