"""Who had been told of a trouble may not complain at all: such an arrival is kept as prevented."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("playbooks", "0007_rollup_sums"),
        ("tickets", "0002_clock_switches"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="arrival",
            name="arrival_state",
        ),
        migrations.AlterField(
            model_name="arrival",
            name="state",
            field=models.CharField(
                choices=[("pending", "pending"), ("in", "in"), ("prevented", "prevented"), ("failed", "failed")],
                default="pending",
                max_length=9,
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("pending", "in", "prevented", "failed"))), name="arrival_state"
            ),
        ),
    ]
