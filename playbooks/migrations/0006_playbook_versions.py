import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('playbooks', '0005_trial_and_prevention'),
    ]

    operations = [
        migrations.AddField(
            model_name='playbookversion',
            name='made_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='playbooks.playbookversion'),
        ),
        migrations.AddField(
            model_name='playbookversion',
            name='wall_made_at',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='HiddenPlaybook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60, unique=True)),
                ('wall_hidden_at', models.FloatField()),
                ('hidden_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
